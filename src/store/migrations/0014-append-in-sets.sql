-- Events are appended in sets, by book; one at a time is a set of one.
drop function append_audit(text, jsonb);
