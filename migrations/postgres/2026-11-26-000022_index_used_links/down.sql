DROP INDEX link_used;
