# 低分的原因。
low-heading = 低分的原因
low-head-reason = 原因
low-head-answers = 答卷数
low-note = 打 { $low } 分及以下（满分 { $max } 分）时选了该原因的答卷数。原因可不填、可多选，所以只给数目，不给比例；同一维度内，一份答卷对每个原因只计一次。
low-others = 另外 { $n } 项原因，每项
low-paper = 打 { $low } 分及以下时：{ $ask }
