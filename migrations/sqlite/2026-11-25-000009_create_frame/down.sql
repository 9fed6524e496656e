DROP TABLE frame_drawn;
DROP TABLE frame_draw;
DROP TABLE frame_record;
DROP TABLE frame_case;
DROP TABLE frame_file;
DROP TABLE frame_list;
