# 邮件：邀请、提醒、通知、退订，以及办公页面。
mail-invitation-subject = { $body }邀请您评价{ $firm }的售后服务
mail-reminder-subject = 提醒：{ $body }请您评价{ $firm }的售后服务
mail-dear = 尊敬的顾客：
mail-dear-name = { $name }，您好：
mail-invitation-ask = { $body }正在对{ $firm }的售后服务进行认证评价。您在过去一年里用过它的售后服务，想请您说说您的感受，大约需要 3 分钟。
mail-reminder-ask = 前几天我们给您写过信，请您评价{ $firm }的售后服务。您的意见还没有收到；如果您愿意，现在还来得及，大约需要 3 分钟。
mail-purpose = 您的回答只用来评定这家组织的售后服务水平。是否参加由您自己决定，不参加对您没有任何影响。
mail-link = 打开问卷
mail-link-once = 这个链接只给您一个人用，只能提交一次，请不要转发。
mail-link-until = 链接在 { $day } 之前有效。
mail-anonymous = 您的回答不与您的姓名或邮箱放在一起保存，{ $firm }看不到是谁回答的、回答了什么。
mail-origin = 您的邮箱由{ $firm }提供给{ $body }，只用于这次评价；评价结束 30 天后删除。
mail-rights = 想查询、更正或删除您的信息，或者有疑问，请写信到 { $contact }。
mail-no-reward = 参加调查没有报酬，也不会有人因此向您推销。
mail-unsubscribe = 不想再收到这类邮件：退订或反对
mail-notice-from = 这封邮件由{ $body }的系统自动发出。有疑问请写信到 { $contact }。
mail-certificate-subject = 证书 { $number }：{ $what }
mail-certificate-text = 关于证书 { $number }：{ $what }。

    证书的状态可以在这里查到：{ $address }
mail-test-subject = { $body }：测试邮件
mail-test-text = 收到这封邮件，说明邮件可以发出。
