frame-error-stratum = 有一行写的不是名单里的层。请按“层; 抽取数; 备选数”逐行填写。
frame-error-file = 这个文件无法读取。
