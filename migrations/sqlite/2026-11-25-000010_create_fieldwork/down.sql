DROP TABLE funnel;
