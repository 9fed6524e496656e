# Reasons for low ratings.
low-heading = Why ratings were low
low-head-reason = Reason
low-head-answers = Answers
low-note = Answers that gave this reason with a rating of { $low } or less (of { $max }). Giving reasons is optional and several may be given, so these are counts and not shares; within a dimension an answer counts once per reason.
low-others = { $n ->
    [one] One other reason
   *[other] { $n } other reasons, each
}
low-paper = If { $low } or less: { $ask }
