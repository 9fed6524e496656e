# 派工、接触、纸质问卷。
assign-error-declaration = 该评价员还没有申报利益冲突，请先让其在“利益冲突申报”页申报
assign-error-day = 只能选还没有开始的日子
