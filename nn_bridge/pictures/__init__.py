"""What a network's training looks like: plain columns of bounded size, as `treedebug.pictures` has them of boosters."""
