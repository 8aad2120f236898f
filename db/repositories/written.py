"""Statements by which a customer's words are taken out of what others keep."""

from __future__ import annotations

from sqlalchemy import BigInteger, bindparam, text

# What a person may have written, taken out of the JSON of commands and messages about them.
WITHOUT_WRITTEN = tuple(
    text(statement).bindparams(
        bindparam("business", type_=BigInteger), bindparam("customer", type_=BigInteger)
    )
    for statement in (
        "UPDATE appointment_events SET"
        " old = old - '{notes,cancel_reason,reason}'::text[],"
        " new = new - '{notes,cancel_reason,reason}'::text[]"
        " WHERE business_id = :business AND appointment_id IN ("
        "  SELECT id FROM appointments WHERE business_id = :business AND customer_id = :customer)",
        "UPDATE idempotency_keys SET result = jsonb_set(jsonb_set(result,"
        " '{notes}', 'null'), '{cancel_reason}', 'null')"
        " WHERE business_id = :business AND CAST(result ->> 'customer_id' AS bigint) = :customer",
        "UPDATE outbox SET payload = jsonb_set(jsonb_set(payload,"
        " '{appointment,notes}', 'null'), '{appointment,cancel_reason}', 'null')"
        " WHERE business_id = :business"
        " AND CAST(payload #>> '{appointment,customer_id}' AS bigint) = :customer",
        "UPDATE outbox SET payload = '{}', error = NULL,"
        " state = CASE WHEN state IN ('queued', 'sending') THEN 'cancelled' ELSE state END"
        " WHERE business_id = :business AND kind = 'owner_hand_off'"
        " AND CAST(payload ->> 'customer' AS bigint) = :customer",
    )
)
# What an owner replied to, or pressed a button of, comes with the reply or press. Once that is
# handled nobody needs it.
WITHOUT_QUOTES = text(
    "UPDATE inbox SET payload = payload #- '{message,reply_to_message}'"
    " #- '{edited_message,reply_to_message}' #- '{callback_query,message,text}'"
    " #- '{callback_query,message,reply_to_message}'"
    " WHERE business_id = :business AND state = 'done' AND chat_id IN"
    " (SELECT unnest(owner_chat_ids) FROM businesses WHERE id = :business)"
).bindparams(bindparam("business", type_=BigInteger))
