DROP TABLE pack_grant;
