report-extra-title = Extra evaluation (due by { $until })
report-to-extra = Open the extra evaluation
report-extra-open = The extra evaluation has been opened; its manager names the team.
certificate-prepared = Due: { $duty }. The change is filled in; check it before you propose it.
