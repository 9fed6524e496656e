frame-error-stratum = One line names no stratum of the list. Write “stratum; drawn; reserves”, one a line.
frame-error-file = This file cannot be read.
