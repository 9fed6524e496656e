# Pages that customers see. The questionnaire's own wording is in the questionnaire file.
language-name = English
survey-sender = { $body } · independent survey
survey-sender-plain = Independent survey
survey-title = { $page } · { $survey }
survey-heading = Please rate { $firm }’s after-sales service
title-refused = Please check: { $page }
yes = Yes
no = No

landing-lead = 1–2 minutes
landing-lead-outlet = { $outlet } · 1–2 minutes
landing-point-totals = Used only to certify after-sales service. { $firm } gets totals and never sees your own answers.
landing-point-data = No name, phone number or exact location is required.
landing-point-free = You may say no, skip questions or stop at any time; it does not affect your service.
landing-notice = Full privacy notice: who processes what, for how long, and your rights
landing-notice-version = Notice version { $version }
landing-consent = I have seen the notice above and agree that { $body } processes my answers for this survey.

rating-length = { $n } ratings, about { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}
rating-lead-outlet = { $outlet } · { $length }
rating-hint = If something did not happen, choose “{ $na }”. You may skip what you do not want to answer.
rating-last = A few last questions (all optional)
rating-no-choice = Please choose
rating-submit = Send
rating-foot = The firm never sees your own answers. You get a receipt code after sending.
month = { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[other] December
} { $year }
section-general = Service in general
section-outlet = At the outlet
section-delivery = Delivery
section-support = Home visit, installation and instruction
section-repair = Repair and maintenance
section-charges = Charges
section-returns = Returns and old products
section-complaints = Complaints

error-summary = { $n ->
    [one] Please look at one thing:
   *[other] Please look at { $n } things:
}
error-line = { $message }: { $label }
error-missing = Please choose an answer
error-consent-missing = Please tick the box to agree before you start
error-no-service = Please choose at least one service you used
error-nothing-rated = Nothing is rated yet. Please rate at least one point (“did not happen” is an answer too)
error-not-a-choice = Please choose an answer again
error-contradictory = Two different answers arrived; please choose one
error-too-long = The text is too long; please shorten it
rating-kept = Your answers were not stored. What you typed is still on this page, so that you can keep it.
busy-title = Many people are sending answers right now.
busy-text = Your answers are all still on this page. Please wait a few seconds and press “Send” again.

receipt-title = Receipt
receipt-repeated = This form had already been sent; the answers sent first are the ones that count.
receipt-keep = Please take a screenshot or write the code down. It is shown only to you; we do not know whose it is.
receipt-private = { $firm } never sees your own answers, only totals.
receipt-use = Until the results are sealed you can use the code to check that your answers are on record, or to withdraw and delete them, at { $address }.

ended-heading = Thank you!
ended-declined = You are not taking part. That is fine and does not affect your service. None of your answers were recorded.
ended-minor = This survey is for customers aged 18 or over. None of your answers were recorded.
ended-no-service = This survey is for customers who used this firm’s after-sales service in the last 12 months. None of your answers were recorded.
ended-interested = To keep the result fair, people who work for the firm, its dealers or contractors, and their families, do not take part. None of your answers were recorded.
ended-other = Thank you for your time.
ended-close = You can close this page now.

refusal-unknown = We cannot find this survey
refusal-unknown-text = The link or code is incomplete, or a letter was mistyped.
refusal-unknown-next = Please scan the code again, or open the complete link from your message.
refusal-early = The survey has not started yet
refusal-early-text = The link is right; its time has not come yet.
refusal-early-next = Please open the same link again in a few days.
refusal-closed = The survey is over
refusal-closed-text = Thank you for wanting to rate. This survey takes no more answers.
refusal-closed-next = Answers already sent are not affected.
refusal-before-text = Answers are taken from { $day } on.
refusal-before-next = Please open the same link again from then on.
refusal-after-text = Thank you for wanting to rate. Answers were taken until the end of { $day }.
refusal-unforeseen = This way of answering is not part of the survey
refusal-unforeseen-text = The plan of this survey takes no answers through such a code or link, so we cannot count yours.
refusal-unforeseen-next = Please tell the certification body where you found it.
refusal-revoked = This code or link is no longer in use
refusal-revoked-text = The certification body withdrew it; there may be a new one.
refusal-revoked-next = Please scan the new code at the outlet, or use the link you received last.
refusal-used = This link has already been answered
refusal-used-text = A personal link works once. We have received the answers, thank you!
refusal-used-next = If it was not you who answered, please contact the certification body that invited you.
refusal-expired = This form has expired
refusal-expired-text = A form that was opened more than 24 hours ago can no longer be sent.
refusal-expired-next = Please scan the code or open your link again; it takes 1–2 minutes.
refusal-invalid = This form cannot be opened
refusal-invalid-text = The address is incomplete or was changed.
refusal-invalid-next = Please scan the code again or open the link you received.

trouble-not-found = There is no such page
trouble-not-found-text = Please check the address, or scan the code again.
trouble-method = This page cannot be opened like that
trouble-method-text = Please scan the code or open the link you received, and start again.
trouble-too-large = What was sent is too large
trouble-too-large-text = Please go back, shorten the comment and send again.
trouble-url-too-long = The address is too long
trouble-url-too-long-text = Please scan the code again or open the link you received.
trouble-headers = The browser sent too much information
trouble-headers-text = Please try another browser, or scan the code again.
trouble-too-slow = The connection was too slow; not everything arrived
trouble-too-slow-text = Please go back and send again; sending twice counts once.
trouble-too-many = Too many tries
trouble-too-many-text = Please wait a minute, then scan the code or open the complete link.
trouble-bad-request = We could not read what your browser sent
trouble-bad-request-text = Please go back and try again, or scan the code again.
trouble-internal = Something went wrong on our side
trouble-internal-text = Please go back in a few minutes and try again; sending twice counts once.
trouble-busy = Many people are here right now
trouble-busy-text = Please wait a few seconds and reload this page.
trouble-reference = Reference { $reference }: please tell us when you contact us.
