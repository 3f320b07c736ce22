"""The statements that make messages out of row numbers."""

from __future__ import annotations

# A number from 0 to 1 (exclusive) for a row and a purpose, and one that is normally distributed.
RANDOM = """
CREATE OR REPLACE FUNCTION pg_temp.chance(row_number bigint, purpose integer) RETURNS float8 LANGUAGE sql IMMUTABLE
RETURN (hashint8extended(row_number, {seed} * 1000 + purpose) & 4503599627370495)
    / 4503599627370496.0::float8;
CREATE OR REPLACE FUNCTION pg_temp.normal(row_number bigint, purpose integer) RETURNS float8 LANGUAGE sql IMMUTABLE
RETURN sqrt(-2 * ln(1 - pg_temp.chance(row_number, purpose)))
    * cos(2 * pi() * pg_temp.chance(row_number, purpose + 500));
CREATE OR REPLACE FUNCTION pg_temp.one_of(choices text[], chance float8) RETURNS text LANGUAGE sql IMMUTABLE
RETURN choices[1 + floor(chance * cardinality(choices))::integer];
CREATE OR REPLACE FUNCTION pg_temp.skewed(most integer, chance float8) RETURNS integer LANGUAGE sql IMMUTABLE
RETURN least(most, floor(exp(chance * ln(most + 1)))::integer)
"""

ORGANIZATIONS = """
INSERT INTO organizations (name, email)
SELECT 'Customer ' || n || CASE WHEN %(seed)s = 1 THEN '' ELSE ' (' || %(seed)s || ')' END,
    'admin' || n || '@example.com'
FROM generate_series(1, %(count)s) AS n
ON CONFLICT DO NOTHING
"""

# The same domains are used again when there are some from before.
DOMAINS = """
WITH wanted AS (
    SELECT n, 'd' || n || '-' || substr(md5(n || '/' || %(seed)s), 1, 6) || '.example.org' AS name
    FROM generate_series(1, %(count)s) AS n
), customers AS (
    SELECT id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS total FROM organizations
), added AS (
    INSERT INTO domains (
        organization_id, name, unicode_name, status, dkim_selector, dkim_public_key, verification_token, created_at
    )
    SELECT customers.id, name, name, CASE WHEN n %% 20 = 0 THEN 'pending' ELSE 'verified' END,
        'generated', '', 'generated', now() - interval '14 months'
    FROM wanted JOIN customers ON customers.place = n %% customers.total
    ON CONFLICT (name) DO UPDATE SET unicode_name = excluded.unicode_name
    RETURNING id, name
)
SELECT array_agg(added.id ORDER BY n) AS ids, array_agg(added.name ORDER BY n) AS names
FROM added JOIN wanted USING (name)
"""

# Hours of 13 months, each with the numbers of its messages: busy days, quiet nights and week-ends, growing slowly.
HOURS = """
CREATE TEMPORARY TABLE generated_hours AS
WITH hours AS (
    SELECT start, sum(
        CASE WHEN extract(isodow FROM start AT TIME ZONE 'UTC') > 5 THEN 0.35 ELSE 1 END
        * (0.15 + exp(-((extract(hour FROM start AT TIME ZONE 'UTC') - 13) / 4) ^ 2))
        * (1 + extract(epoch FROM start - (%(until)s::timestamptz - interval '13 months')) / 3e7)
    ) OVER (ORDER BY start) AS sum_so_far
    FROM generate_series(%(until)s::timestamptz - interval '13 months', %(until)s::timestamptz - interval '1 hour',
        interval '1 hour') AS start
), numbered AS (
    SELECT start, floor(sum_so_far * %(count)s / max(sum_so_far) OVER ())::bigint AS last FROM hours
)
SELECT start, coalesce(lag(last) OVER (ORDER BY start), 0) AS first, last FROM numbered
"""

# OFFSET 0 keeps the steps apart: merged into one, every column would be worked out again wherever it is named.
MESSAGES = """
INSERT INTO messages (
    id, message_id, thread_id, domain_id, sender_email, recipient_email, forwarded_to, subject, body_preview, status,
    error_message, bounce_class, size_bytes, has_attachments, attachments, authentication, headers, created_at,
    updated_at, delivered_at
)
SELECT
    %(before)s + i, made.message_id, CASE WHEN is_thread THEN '<thread.' || -k || '@' || sender_host || '>' END,
    domain_id, sender, recipient,
    CASE WHEN status <> 'rejected' THEN target END, subject, preview, status,
    replace(error, '{target}', target), bounce_class, size_bytes, has_attachments,
    CASE WHEN has_attachments THEN jsonb_build_array(
        pg_temp.one_of(%(attachments)s::text[], pg_temp.chance(i, 12))::jsonb
        || jsonb_build_object('size_bytes', (size_bytes * 0.7)::bigint)) ELSE '[]' END,
    jsonb_build_object(
        'spf', pg_temp.one_of('{pass,pass,pass,pass,pass,pass,softfail,fail,none}', pg_temp.chance(i, 13)),
        'dkim', pg_temp.one_of('{pass,pass,pass,pass,pass,fail,none}', pg_temp.chance(i, 14)),
        'dmarc', CASE WHEN bounce_class = 'policy' THEN 'fail'
            ELSE pg_temp.one_of('{pass,pass,pass,pass,none}', pg_temp.chance(i, 15)) END,
        'arc', 'none'),
    'Received: from mail.' || sender_host || ' by mx1.example.net with ESMTPS; '
        || to_char(created_at AT TIME ZONE 'UTC', 'DD Mon YYYY HH24:MI:SS') || E' +0000\\r\\nFrom: <' || sender
        || E'>\\r\\nTo: <' || recipient || E'>\\r\\nSubject: ' || subject || E'\\r\\nMessage-ID: ' || made.message_id
        || E'\\r\\n',
    created_at,
    created_at + interval '1 second' * coalesce(seconds, 1),
    CASE WHEN status = 'delivered' THEN created_at + interval '1 second' * seconds END
FROM (
    SELECT *,
        '<' || md5(i || '/' || current_setting('smtpy.seed')) || '@' || sender_host || '>' AS message_id,
        sender_part || '@' || sender_host AS sender,
        pg_temp.one_of(%(recipient_parts)s::text[], pg_temp.chance(k, 5)) || '@' || domain_name AS recipient,
        'inbox' || domain_place || '@' || pg_temp.one_of(%(target_hosts)s::text[], pg_temp.chance(domain_place, 6))
            AS target,
        CASE WHEN is_thread AND pg_temp.chance(i, 16) < 0.8 THEN 'Re: ' ELSE '' END
            || replace(pg_temp.one_of(%(subjects)s::text[], pg_temp.chance(k, 7)), '{n}',
                (abs(k) %% 90000 + 1000)::text) AS subject,
        pg_temp.one_of(%(previews)s::text[], pg_temp.chance(i, 8)) || ' ' || (i %% 100000)::text AS preview,
        exp(9.2 + 1.1 * pg_temp.normal(i, 9)
            + CASE WHEN has_attachments THEN 3 ELSE 0 END)::bigint + 400 AS size_bytes,
        CASE status
            WHEN 'bounced' THEN (%(bounced_bounce_class)s::text[])[choice]
            WHEN 'failed' THEN (%(failed_bounce_class)s::text[])[choice]
            WHEN 'rejected' THEN (%(rejected_bounce_class)s::text[])[choice] END AS bounce_class,
        CASE status
            WHEN 'bounced' THEN concat_ws(' ', (%(bounced_code)s::int[])[choice]::text,
                (%(bounced_enhanced)s::text[])[choice], (%(bounced_reply)s::text[])[choice])
            WHEN 'failed' THEN concat_ws(' ', (%(failed_code)s::int[])[choice]::text,
                (%(failed_enhanced)s::text[])[choice], (%(failed_reply)s::text[])[choice])
            WHEN 'rejected' THEN concat_ws(' ', (%(rejected_code)s::int[])[choice]::text,
                (%(rejected_enhanced)s::text[])[choice], (%(rejected_reply)s::text[])[choice]) END AS error,
        least(exp(1.0 + 0.9 * pg_temp.normal(i, 10)) + CASE WHEN i %% 17 = 0 THEN 300 ELSE 0 END, 86400) AS seconds
    FROM (
        SELECT *,
            (%(domain_ids)s::bigint[])[domain_place] AS domain_id,
            (%(domain_names)s::text[])[domain_place] AS domain_name,
            (%(sender_parts)s::text[])[1 + sender_place %% cardinality(%(sender_parts)s::text[])]
                || CASE WHEN sender_place > 40 THEN sender_place::text ELSE '' END AS sender_part,
            (%(sender_hosts)s::text[])[1 + sender_place %% cardinality(%(sender_hosts)s::text[])] AS sender_host,
            1 + floor(pg_temp.chance(i, 11) * CASE status WHEN 'bounced' THEN cardinality(%(bounced_reply)s::text[])
                WHEN 'failed' THEN cardinality(%(failed_reply)s::text[])
                ELSE cardinality(%(rejected_reply)s::text[]) END)::integer AS choice
        FROM (
            SELECT *,
                pg_temp.skewed(cardinality(%(domain_ids)s::bigint[]), pg_temp.chance(k, 3)) AS domain_place,
                pg_temp.skewed(%(senders)s, pg_temp.chance(k, 4)) AS sender_place,
                pg_temp.chance(i, 17) < 0.14 AS has_attachments,
                -- The newest are still under way, as are a few of the last days.
                CASE
                    WHEN i > %(total)s - greatest(4, %(total)s / 1000)
                        THEN CASE WHEN i %% 4 = 0 THEN 'processing' ELSE 'pending' END
                    WHEN i > %(total)s * 0.99 AND pg_temp.chance(i, 18) < 0.03 THEN 'pending'
                    WHEN pg_temp.chance(i, 19) < 0.90 THEN 'delivered'
                    WHEN pg_temp.chance(i, 19) < 0.935 THEN 'bounced'
                    WHEN pg_temp.chance(i, 19) < 0.955 THEN 'failed'
                    ELSE 'rejected' END AS status
            FROM (
                SELECT i, pg_temp.chance(i, 1) < 0.35 AS is_thread,
                    -- What belongs to a thread has domain, sender, recipient and subject of the thread.
                    CASE WHEN pg_temp.chance(i, 1) < 0.35 THEN -(i / 2400 * 100 + i %% 100 + 1) ELSE i END AS k,
                    start + interval '1 hour' * ((i - first - pg_temp.chance(i, 2)) / (hours.last - first))
                        AS created_at
                FROM generated_hours AS hours, generate_series(
                    greatest(hours.first, %(first)s) + 1, least(hours.last, %(last)s)) AS i
                WHERE hours.first < %(last)s AND hours.last > %(first)s
                ORDER BY start, i
            ) AS numbers
            OFFSET 0
        ) AS drawn
        OFFSET 0
    ) AS looked_up
    OFFSET 0
) AS made
"""

# One target each, and for a few a second one.
DELIVERIES = """
INSERT INTO deliveries (message_id, target, state, lease_until, next_attempt_at, created_at, updated_at)
SELECT messages.id, CASE target_number WHEN 1 THEN forwarded_to ELSE 'second.' || forwarded_to END,
    CASE status WHEN 'delivered' THEN 'sent' WHEN 'bounced' THEN 'failed' WHEN 'failed' THEN 'failed'
        WHEN 'processing' THEN 'sending'
        ELSE CASE WHEN messages.id %% 3 = 0 THEN 'queued' ELSE 'deferred' END END,
    CASE status WHEN 'processing' THEN now() + interval '5 minutes' END,
    CASE status WHEN 'pending' THEN now() + interval '1 minute' * (10 + messages.id %% 200) END,
    created_at, updated_at
FROM messages CROSS JOIN generate_series(1, 2) AS target_number
WHERE messages.id > %(before)s + %(first)s AND messages.id <= %(before)s + %(last)s
    AND status <> 'rejected' AND (target_number = 1 OR messages.id %% 20 = 0)
ORDER BY messages.id
"""

# Failures were tried three times; some deliveries were put off once, and are accepted at the second try.
ATTEMPTS = """
INSERT INTO delivery_attempts (delivery_id, at, host, tls, code, enhanced, reply, milliseconds, outcome)
SELECT deliveries.id,
    CASE WHEN delivered_at IS NOT NULL AND try_number = tries THEN delivered_at
        ELSE created_at + interval '1 second' * (try_number * try_number * try_number - 1) * 300
            + interval '600 milliseconds' END,
    'mx' || 1 + message_id %% 2 || '.' || split_part(target, '@', 2),
    CASE WHEN is_connected THEN (ARRAY['TLSv1.3', 'TLSv1.3', 'TLSv1.2'])[1 + message_id %% 3] END,
    CASE WHEN is_accepted THEN 250 WHEN is_put_off THEN (%(pending_code)s::int[])[1 + message_id %% 2]
        ELSE nullif(substring(error_message FROM '^([245][0-9][0-9]) '), '')::int END,
    CASE WHEN is_accepted THEN '2.0.0' WHEN is_put_off THEN (%(pending_enhanced)s::text[])[1 + message_id %% 2]
        ELSE substring(error_message FROM '^[245][0-9][0-9] ([245]\\.[0-9]+\\.[0-9]+)') END,
    CASE WHEN is_accepted THEN pg_temp.one_of(%(acceptances)s::text[], pg_temp.chance(number, 31))
        WHEN is_put_off THEN (%(pending_reply)s::text[])[1 + message_id %% 2]
        ELSE regexp_replace(error_message, '^[245][0-9][0-9] [245]\\.[0-9]+\\.[0-9]+ ', '') END,
    (80 + exp(5.5 + 0.8 * pg_temp.normal(number, 32)))::integer,
    CASE WHEN is_accepted THEN 'sent' WHEN is_put_off OR try_number < tries THEN 'deferred' ELSE 'failed' END
FROM (
    SELECT deliveries.id, messages.id AS message_id, messages.id * 2 + (target LIKE 'second.%%')::integer AS number,
        target, messages.created_at, delivered_at, status, error_message, bounce_class,
        coalesce(bounce_class, '') NOT IN ('timeout', 'connection_refused', 'host_not_found') AS is_connected,
        CASE WHEN status = 'failed' THEN 3 WHEN messages.delivered_at > messages.created_at + interval '300 seconds'
            THEN 2 ELSE 1 END AS tries
    FROM deliveries JOIN messages ON messages.id = deliveries.message_id
    WHERE messages.id > %(before)s + %(first)s AND messages.id <= %(before)s + %(last)s
        AND deliveries.message_id > %(before)s + %(first)s AND deliveries.message_id <= %(before)s + %(last)s
        AND deliveries.state IN ('sent', 'failed', 'deferred')
) AS deliveries
CROSS JOIN LATERAL generate_series(1, tries) AS try_number
CROSS JOIN LATERAL (SELECT status = 'delivered' AND try_number = tries AS is_accepted) AS accepted
CROSS JOIN LATERAL (
    SELECT status = 'pending' OR (status = 'delivered' AND try_number < tries) AS is_put_off) AS put_off
ORDER BY deliveries.id, try_number
"""

# Kept as long as a message is under way, and for some time when it has failed.
CONTENTS = """
INSERT INTO message_contents (message_id, raw, expires_at)
SELECT id, convert_to(headers || E'\\r\\n' || body_preview || E'\\r\\n', 'UTF8'),
    CASE WHEN status IN ('failed', 'bounced') THEN created_at + interval '30 days' END
FROM messages
WHERE id > %(before)s + %(first)s AND id <= %(before)s + %(last)s AND (status IN ('pending', 'processing')
    OR (status IN ('failed', 'bounced') AND created_at > now() - interval '30 days'))
"""
