"""What a run looks like: one picture, one file; plain columns of bounded size that the page and the plots only draw."""
