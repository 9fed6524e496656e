-- The company in which a spent link is written again (T7) is found among the used ones of its outlet.
CREATE INDEX link_used ON link (evaluation_id, outlet_id, id) WHERE used;
