# 机构一侧的页面：演示首页、结果、二维码。
office-brand = 顾客感知调查
office-title = { $page } · 顾客感知调查
office-skip = 跳到正文
state-draft = 准备中
state-frozen = 计划已冻结
state-open = 实施中
state-closed = 实施已结束
state-sealed = 已封存
state-released = 已发布
star-name = { $n ->
    [1] 一星级
    [2] 二星级
    [3] 三星级
    [4] 四星级
   *[5] 五星级
}
star-short = { $n ->
    [2] 二星
    [3] 三星
    [4] 四星
   *[5] 五星
}
list-separator = 、
score-s = S
score-s-face = S当面

demo-heading = 顾客感知调查演示
demo-lead = 认证机构（这里是{ $body }）请顾客评价企业的售后服务，按评价得分判断企业的售后服务够几颗星。下面是两次编造的评价：一次正在进行，您可以自己答一份；一次已经结束，可以看完整的结果。
demo-outlets = { $n } 个服务网点
demo-answer = 答一份问卷
demo-answer-note = 相当于在网点扫二维码，约 1–2 分钟。
demo-personal = 个人链接 { $n }
demo-personal-note = 相当于邮件里的邀请，每个链接只能提交一次。
demo-codes = 网点二维码
demo-codes-note = 每个网点一张，可打印成 A4 牌。
demo-results = 看结果
demo-results-interim = 看中期结果
demo-progress = 看进度
demo-results-note = 得分、区间、六个维度、各渠道、各网点。
demo-measure = 量的是什么
demo-measure-items = 顾客只评自己用过的服务，24 项里最少 5 项，每项从“非常满意”（5）到“非常不满意”（1），没遇到的可以跳过。24 项归入六个维度：功能性、经济性、安全性、时间性、舒适性、文明性；也对应规范 4.1 的八个一级指标，权重就是附件里的分值。
demo-measure-score = 得分 = 得到的分 ÷ 能得的满分。S 是全部答卷（当面和电子）合起来的得分；S当面只算评价员当面访问的答卷。得分按准确的分数比较，显示时只截断、不进位：89.996% 显示为 89.99%，也达不到 90%。
demo-channels = 答卷从哪里来
demo-channel-face = 评价员在网点或顾客家里当面访问，逐次记录时间、地点和结果。只有这一类进入 S当面。
demo-channel-invited = 从企业的顾客名单里抽人，每人收到一个只能用一次的链接。
demo-channel-open = 网点里张贴的二维码，谁都可以扫。答的人是自己决定来的，所以给不出抽样误差。
demo-bounds = 各星级的界限
demo-bounds-note = 取 S 与 S当面各自支持的星级中较低的一个。这只是调查这一部分；最终星级还要看服务特性测评、管理审核等条件（规范 6.2）。
demo-steps = 一次评价怎么走
step-draft = 登记企业、网点、抽样和访问计划。
step-frozen = 问卷、计分方法和计划固定下来，之后不再改。
step-open = 开始访问、发邀请、贴二维码；默认只看数量，不看得分。
step-closed = 不再接受答卷；复核可疑的答卷，计算结果。
step-sealed = 答卷和剔除决定永久固定。
step-released = 抽样报告交给企业。
head-star = 星级
bound-from = ≥ { $percent }%
bound-none = 不要求


results-heading = 调查结果
results-counts = 计入份数：全部 { $all }，当面 { $face }，邀请 { $invited }，开放扫码 { $open }
results-interim = 中期结果，不是最终结果：实施还没有结束。{ $actor } 于 { $at }（北京时间）打开，已记入日志；此后本次调查不能再延长。
results-counts-only = 实施期间只显示数量，不显示得分，免得有人看着得分调整访问。实施结束后显示结果。
results-star = 调查支持几颗星
results-warnings = 阅读结果时请注意
results-versions = 依据与版本
verdict = 就顾客感知调查而言，支持{ $star }。
verdict-none = 还不能说支持几颗星：没有可计分的答卷，或者 S、S当面 背后的人数太少，不予公布。
verdict-why = S 支持{ $s }，S当面支持{ $face }；取较低的一个。
verdict-why-limited = S 支持{ $s }，S当面支持{ $face }；取较低的一个。限制因素：{ $criteria }。
ladder-description = 得分与各星级界限：{ $scores }
ladder-note = 圆点是得分，粗线是 { $level }% 置信区间，竖线是规范 6.2 的界限。星级只按得分判断，区间不改变星级。

warning-no-face = 没有可计分的当面答卷：调查最多支持二星级。
warning-no-electronic = 没有可计分的电子答卷：S 等于 S当面。
warning-small-n = 当面答卷不到 60 份：少数很不满意的顾客容易被漏掉，区间可能偏窄。
warning-no-face-gate = 二星级主要靠电子答卷：仅凭 S当面达不到 60%。
warning-score-rule = 计分规则影响星级：按每位顾客得分的平均值计算，星级会不同。
warning-insufficient = S 或 S当面依据的答卷太少：不公布，或者给不出误差。
warning-zero-variance = 全部得分相同：区间按约定给出，不是估计出来的。
warning-lonely = 有一个渠道只有一份答卷：它的误差按总体平均推算。

table-channels = 渠道与证据类别
table-dimensions = 六个维度
table-headings = 八个一级指标
table-items = { $n } 个题目
table-progress = 各网点进度
table-empty = 还没有可以显示的内容。
table-dispositions = 接触结果
head-channel = 渠道
head-counted = 计入份数
head-score = 得分 %
head-interval = { $level }% 区间
head-person = 人均得分 %
head-dimension = 维度
head-heading = 一级指标
head-difference = 当面减电子
head-item = 题目
head-top-two = 前两档 %
head-ratings = 评分数
head-not-applicable = 没遇到
head-outlet = 网点
head-disposition = 结果
column-face = 当面
column-invited = 邀请
column-open = 开放扫码
column-electronic = 电子
column-all = 全部
column-face-note = S当面
column-invited-note = 一次性链接，抽样
column-open-note = 自愿扫码
column-electronic-note = 邀请 + 开放扫码
column-all-note = S
row-weight = 权重 { $weight }
row-marks = { $marks } 分
row-customers = 顾客 { $n } 人
cell-target = 计划 { $n }
cell-withheld = 不公布
cell-no-answers = 无答卷
cell-not-scored = 未评分
interval-self-selected = 不能给出抽样误差
interval-insufficient = 答卷太少，不能估计
basis-model = 含自愿扫码，按随机样本推算
note-open = 开放扫码的答卷是顾客自己决定答的，没有抽样概率，所以不能给出抽样误差。
note-person = 人均得分是先算每位顾客的得分、再取平均，只作对照，不用于判断星级。
note-difference = 单位：个百分点，由未截断的得分相减。差别里混有访问方式、自愿参加和覆盖范围的影响。
note-withheld = “不公布”：不到 { $n } 人，或者可以由它推算出不到 { $n } 人的数字，为保护顾客而隐去。
annex-basic = 基本要求
annex-outlets = 售后服务网点
annex-delivery = 配送服务
annex-support = 技术支持
annex-repair = 维修、保养
annex-charges = 售后服务收费
annex-returns = 质量问题处理、退换货及废弃商品回收
annex-complaints = 投诉及意见处理
version-evaluation = 评价编号
version-questionnaire = 问卷
version-method = 计分方法
version-notice = 隐私说明版本
version-program = 程序版本

demo-people = 以各种身份登录
demo-people-text = 每种身份一个账户，登录名就是下表里的英文。演示账户不需要第二重验证，密码都是
demo-people-role = 身份
demo-people-login = 登录名
demo-people-part = 能做什么
demo-people-way = 去登录
demo-part-administrator = 管理人员账户，看账户的活动记录；看不到任何结果。
demo-part-manager = 新建评价、网点、人员、二维码，冻结、开放、结束；结束后看结果。
demo-part-reviewer = 看计划、访问情况和结束后的结果。
demo-part-signatory = 看结束后的结果。
demo-part-evaluator = 用手机打开“今天”，记录接触、当面访问顾客。
demo-part-auditor = 查阅结束后的结果，下载 CSV、JSON。
demo-part-organisation = 只能看已发布的报告；这里还没有发布的。
