DROP TABLE posting;
DROP TABLE deviation_review;
DROP TABLE deviation;
DROP TABLE outlet_draw;
