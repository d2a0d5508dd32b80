"""Reports for people who do not read code: executed notebooks as HTML, and one index page over them."""
