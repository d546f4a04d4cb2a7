"""Where documents come from: files, revisions of git, addresses, standard input."""
