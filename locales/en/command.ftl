# Texts of commands
plan-size = { $n } answers; { $cases } cases to draw
plan-allocation =
    { $n } answers by outlet
    outlet	answers	draw	reserves
plan-outlets = { $n } outlets to visit, besides head office and hotline; at least { $random } of them drawn at random
estimate-title = Customer perception survey, organisation { $org }
estimate-counts = { $n } responses: { $face } in person, { $invited } invited, { $open } by open code
estimate-table-customary = Score table: the questionnaire's own conversion, 100/80/60/30/0 on five steps
estimate-table-linear = Score table: equal steps from 0, 100/75/50/25/0 on five steps
estimate-table-proportional = Score table: the code itself, 100/80/60/40/20 on five steps
estimate-s = S
estimate-s-face = S in person
estimate-s-elec = S electronic
estimate-star = Star supported by the survey
estimate-none = none
estimate-clears = score and interval clear it
estimate-point-clears = the score clears it, the interval does not
estimate-below = below every bound
estimate-dimensions = Dimensions, in person
estimate-sensitivity = By other rules: S, S in person, star
estimate-alpha = Reliability (alpha)
estimate-mode = Difference between channels, points
estimate-cooperation = Cooperation in person (COOP1)
estimate-response = Response to invitations (RR1)
estimate-sure = Confidence in the star (not a probability)
estimate-more = If the score stays where it is, { $n } more interviews would tell S in person from the nearest bound; a planning figure, not a stopping rule.
estimate-small-n = Fewer than 60 interviews: a rare very unhappy minority is easily missed.
estimate-single-cluster = A single outlet was visited: no standard error.
estimate-channel-rule = Another way to join the channels gives another star.
estimate-score-rule = The mean of customers' own scores gives another star.
estimate-weights = Weighting outlets by their customers gives another star.
estimate-lonely = Outlets with a single interview: { $n }; their variance was taken about the common mean.
estimate-empty-level = Nobody answered in { $level }: weighting by it is undefined.
