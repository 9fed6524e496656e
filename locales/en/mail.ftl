# Mail: invitations, reminders, notices, unsubscribing, and the office's pages.
mail-invitation-subject = { $body } asks you about the after-sales service of { $firm }
mail-reminder-subject = Reminder: { $body } asks you about the after-sales service of { $firm }
mail-dear = Dear customer,
mail-dear-name = Dear { $name },
mail-invitation-ask = { $body } is assessing the after-sales service of { $firm } for certification. You used its service within the last year; we would like to hear how it was. It takes about 3 minutes.
mail-reminder-ask = A few days ago we asked you about the after-sales service of { $firm }. We have not had your answer yet; if you like, there is still time. It takes about 3 minutes.
mail-purpose = Your answers serve only to assess the after-sales service of this organisation. Whether you take part is up to you; if you do not, nothing follows from it.
mail-link = Open the questionnaire
mail-link-once = The link is for you alone and can be used once; please do not pass it on.
mail-link-until = It works until { $day }.
mail-anonymous = Your answers are not kept together with your name or address; { $firm } does not see who answered what.
mail-origin = { $firm } gave your address to { $body } for this assessment alone; it is deleted 30 days after the assessment ends.
mail-rights = To see, correct or delete what we hold about you, or with any question, write to { $contact }.
mail-no-reward = There is no reward for taking part, and nobody will try to sell you anything.
mail-unsubscribe = No more mail of this kind: unsubscribe or object
mail-notice-from = Sent automatically by { $body }. With any question write to { $contact }.
mail-certificate-subject = Certificate { $number }: { $what }
mail-certificate-text = About certificate { $number }: { $what }.

    The state of the certificate can be looked up here: { $address }
mail-test-subject = { $body }: test mail
mail-test-text = That you read this shows that mail can be sent.
