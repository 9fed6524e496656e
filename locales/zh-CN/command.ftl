# 命令的文字
plan-size = 需要 { $n } 份有效答卷；应抽取 { $cases } 个个案
plan-allocation =
    { $n } 份有效答卷在网点间的分配
    网点	答卷	抽取	备用
plan-outlets = 应走访 { $n } 个网点（总部和服务热线另计），其中至少 { $random } 个随机抽取
estimate-title = 顾客感知调查，受评组织 { $org }
estimate-counts = 有效答卷 { $n } 份：当面 { $face }，邀请 { $invited }，公开扫码 { $open }
estimate-table-customary = 计分表：问卷自带换算，五级为 100/80/60/30/0
estimate-table-linear = 计分表：从 0 起等距，五级为 100/75/50/25/0
estimate-table-proportional = 计分表：按编码，五级为 100/80/60/40/20
estimate-s = S
estimate-s-face = S当面
estimate-s-elec = S电子
estimate-star = 调查所支持的星级
estimate-none = 无
estimate-clears = 得分和区间均达到
estimate-point-clears = 得分达到，区间未全部达到
estimate-below = 低于各级界限
estimate-dimensions = 各维度（当面）
estimate-sensitivity = 按其他规则：S、S当面、星级
estimate-alpha = 信度（alpha）
estimate-mode = 渠道差异（分）
estimate-cooperation = 当面合作率（COOP1）
estimate-response = 邀请应答率（RR1）
estimate-sure = 对星级的把握度
estimate-more = 若得分不变，再做 { $n } 次访问可使 S当面 与最近界限分开；仅供计划参考，不是停止规则。
estimate-small-n = 访问不足 60 份：少数很不满意的顾客容易被漏掉。
estimate-single-cluster = 只走访了一个网点：没有标准误。
estimate-channel-rule = 换一种渠道合成方法，星级会不同。
estimate-score-rule = 按顾客各自得分的平均，星级会不同。
estimate-weights = 按网点顾客数加权，星级会不同。
estimate-lonely = 只有一份访问的网点：{ $n } 个；其方差按总体均值计算。
estimate-empty-level = { $level } 没有人答：无法按它加权。
