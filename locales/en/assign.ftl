# Assignments, contacts, paper forms.
assign-error-declaration = This evaluator has not declared yet whether there is a conflict of interest; ask them to do so first (page “Conflicts of interest”)
assign-error-day = Must be a day that has not begun yet
