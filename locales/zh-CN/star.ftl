report-extra-title = 增加的评价（最迟 { $until }）
report-to-extra = 打开增加的评价
report-extra-open = 增加的评价已自动建立，由其项目负责人安排人员。
certificate-prepared = 已到期：{ $duty }。变更已预先填好，请核对后提交。
