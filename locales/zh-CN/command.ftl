# 命令的文字
plan-size = 需要 { $n } 份有效答卷；应抽取 { $cases } 个个案
plan-allocation =
    { $n } 份有效答卷在网点间的分配
    网点	答卷	抽取	备用
plan-outlets = 应走访 { $n } 个网点（总部和服务热线另计），其中至少 { $random } 个随机抽取
