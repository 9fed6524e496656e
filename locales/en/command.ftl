# Texts of commands
plan-size = { $n } answers; { $cases } cases to draw
plan-allocation =
    { $n } answers by outlet
    outlet	answers	draw	reserves
plan-outlets = { $n } outlets to visit, besides head office and hotline; at least { $random } of them drawn at random
