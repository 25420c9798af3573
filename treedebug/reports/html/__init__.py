"""One self-contained page of HTML: what a check, a comparison or a profile says, and the pictures it speaks of."""
