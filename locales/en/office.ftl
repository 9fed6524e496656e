# Office-side pages: demo, results, QR codes.
office-brand = Customer perception survey
office-title = { $page } · Customer perception survey
office-skip = Skip to the content
state-draft = being set up
state-frozen = plan frozen
state-open = fieldwork running
state-closed = fieldwork over
state-sealed = sealed
state-released = released
star-name = { $n ->
    [one] one star
    [2] two stars
    [3] three stars
    [4] four stars
   *[5] five stars
}
star-short = { $n } stars
list-separator = {", "}
score-s = S
score-s-face = S_face

demo-heading = Customer perception survey: a demo
demo-lead = A certification body (here { $body }) asks customers to rate a company’s after-sales service; the score says how many stars the service deserves. Below are two invented evaluations: one is running, so you can answer it yourself; one is over, with its complete result.
demo-outlets = { $n ->
    [one] { $n } service outlet
   *[other] { $n } service outlets
}
demo-answer = Answer the survey
demo-answer-note = Like scanning the code at an outlet; 1–2 minutes.
demo-personal = Personal link { $n }
demo-personal-note = Like an invitation by mail; each link can be used once.
demo-codes = QR codes of the outlets
demo-codes-note = One per outlet, printable as A4 plates.
demo-results = See the result
demo-results-interim = See the interim result
demo-progress = See the progress
demo-results-note = Scores, intervals, six dimensions, channels, outlets.
demo-measure = What is measured
demo-measure-items = Customers rate only the services they used: of 24 points at least 5, each from “very satisfied” (5) to “very dissatisfied” (1); what did not happen is left out. The 24 points belong to six dimensions: functionality, economy, safety, timeliness, comfort, civility. They also belong to the eight first-level indicators of clause 4.1, whose marks in the annex are the weights.
demo-measure-score = A score is points obtained ÷ points available. S is the score of all answers, in person and electronic; S_face is the score of the in-person interviews alone. Scores are compared exactly and printed cut off, never rounded up: 89.996 % prints as 89.99 % and does not reach 90 %.
demo-channels = Where answers come from
demo-channel-face = An evaluator interviews customers at the outlet or at home and records time, place and outcome of every approach. Only these answers enter S_face.
demo-channel-invited = People are drawn from the company’s customer list; each gets a link that works once.
demo-channel-open = A QR code hangs at the outlet for anybody to scan. Who answers decides that alone, so no sampling error can be stated.
demo-bounds = Bounds of the stars
demo-bounds-note = Of the stars that S and S_face support, the lower one counts. That is the survey’s part; the final star also depends on the service assessment, the management audit and more (clause 6.2).
demo-steps = How an evaluation goes
step-draft = Company, outlets, sampling and interview plan are entered.
step-frozen = Questionnaire, scoring method and plan are fixed and no longer change.
step-open = Interviews, invitations and QR codes start; pages show counts, not scores.
step-closed = No more answers; doubtful ones are reviewed and the result is computed.
step-sealed = Answers and exclusions are fixed for good.
step-released = The company gets the sampling report.
head-star = Star
bound-from = ≥ { $percent } %
bound-none = no condition


results-heading = Survey result
results-counts = Answers counted: all { $all }, in person { $face }, invited { $invited }, open code { $open }
results-interim = Interim result, not the final one: fieldwork is still running. Opened by { $actor } at { $at } (Beijing time) and logged; from then on this survey can no longer be extended.
results-counts-only = During fieldwork this page shows counts and no scores, so that nobody steers the interviews by the score. The result appears when fieldwork is over.
results-star = How many stars the survey supports
results-warnings = Please note when reading the result
results-versions = Basis and versions
verdict = As far as the customer survey goes: { $star }.
verdict-none = No star can be stated: no answer has a score yet, or too few people stand behind S or S_face to publish them.
verdict-why = S supports { $s }, S_face supports { $face }; the lower one counts.
verdict-why-limited = S supports { $s }, S_face supports { $face }; the lower one counts. Limiting: { $criteria }.
ladder-description = Scores and the bounds of the stars: { $scores }
ladder-note = Dot: score. Thick line: { $level } % confidence interval. Upright lines: bounds of clause 6.2. The star follows from the score alone; the interval never changes it.

warning-no-face = There are no in-person answers with a score: the survey supports two stars at most.
warning-no-electronic = There are no electronic answers with a score: S equals S_face.
warning-small-n = Fewer than 60 in-person answers: a few very unhappy customers are easily missed, and the interval may be too narrow.
warning-no-face-gate = Two stars rest on the electronic answers: S_face alone would not reach 60 %.
warning-score-rule = The scoring rule matters: with the mean of each customer’s own score the star would be another one.
warning-insufficient = S or S_face rests on too few answers: withheld, or without a stated error.
warning-zero-variance = All scores are identical: the interval is a convention, not an estimate.
warning-lonely = One channel has a single answer; its error was taken about the common mean.

table-channels = Channels and kinds of evidence
table-dimensions = Six dimensions
table-headings = Eight first-level indicators
table-items = { $n } items
table-progress = Progress by outlet
table-empty = There is nothing that can be shown yet.
table-dispositions = How contacts ended
head-channel = Channel
head-counted = Counted
head-score = Score %
head-interval = { $level } % interval
head-person = Person score %
head-dimension = Dimension
head-heading = First-level indicator
head-difference = In person − electronic
head-item = Item
head-top-two = Top two %
head-ratings = Ratings
head-not-applicable = Not applicable
head-outlet = Outlet
head-disposition = Outcome
column-face = In person
column-invited = Invited
column-open = Open code
column-electronic = Electronic
column-all = All
column-face-note = S_face
column-invited-note = single-use link, drawn
column-open-note = self-selected
column-electronic-note = invited + open code
column-all-note = S
row-weight = weight { $weight }
row-marks = { $marks } marks
row-customers = { $n } customers
cell-target = of { $n }
cell-withheld = withheld
cell-no-answers = no answers
cell-not-scored = not rated
interval-self-selected = no sampling error can be stated
interval-insufficient = too few answers to estimate
basis-model = with self-selected answers, as if random
note-open = Customers decide themselves to scan an open code; there is no sampling probability, so no sampling error can be stated.
note-person = The person score is the mean of each customer’s own score. It stands here for comparison and does not decide the star.
note-difference = Percentage points, from the scores before cutting. Interview mode, self-selection and coverage all take part in the difference.
note-withheld = “withheld”: fewer than { $n } people, or a figure from which one about fewer than { $n } people could be computed; left out to protect customers.
annex-basic = Basic requirements
annex-outlets = After-sales outlets
annex-delivery = Delivery
annex-support = Technical support
annex-repair = Repair and maintenance
annex-charges = Charges
annex-returns = Quality problems, returns, exchanges and recycling
annex-complaints = Complaints and suggestions
version-evaluation = Evaluation
version-questionnaire = Questionnaire
version-method = Scoring method
version-notice = Privacy notice
version-program = Program

demo-people = Sign in as anybody
demo-people-text = One account for each role; the login stands in the table. Accounts of the demo need no second factor. Their password is
demo-people-role = Role
demo-people-login = Login
demo-people-part = What they can do
demo-people-way = Sign in
demo-part-administrator = Manages accounts and reads what happened to them; sees no results.
demo-part-manager = Makes evaluations, outlets, people and codes; freezes, opens, closes; sees results after closing.
demo-part-reviewer = Sees plan, interviews and, after closing, results.
demo-part-signatory = Sees results after closing.
demo-part-evaluator = Opens “Today” on a phone, records approaches, interviews customers.
demo-part-auditor = Reads results after closing, downloads CSV and JSON.
demo-part-organisation = Sees released reports only; none is released here yet.
