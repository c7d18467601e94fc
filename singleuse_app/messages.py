"""The words of every refusal, by its code. What happened, and what to do next; never "invalid", never "oops"."""

from datetime import timedelta

from singleuse_app.formats import duration_words
from singleuse_app.scheduling.errors import Refusal
from singleuse_app.wording import reader, say

WORDS: dict[str, str] = {
    # links
    "link_not_found": "This link does not exist. Check that the whole address was copied, or ask for a new link.",
    "link_used": "This link has already been used. Each person needs a link of their own: "
    "ask whoever sent it for a new one.",
    "link_revoked": "This link was taken back by its host. Ask whoever sent it for a new one.",
    "link_expired": "This link has expired. Ask whoever sent it for a new one.",
    "link_off": "This link cannot be booked with at the moment. Ask whoever sent it when it will be.",
    # asking for a new link
    "link_works": "This link works after all. Reload the page to book with it.",
    "asked_already": "Others have asked for a new link already, and your host has not answered them yet. Write to "
    "whoever sent you the link.",
    "message_too_long": "Shorten the message to at most 500 characters.",
    # proving an address
    "address_not_proven": "Ask for a code and type it here: only who reads the mail of this address can book.",
    "code_not_asked": "Ask for the code first: it is sent to the address above.",
    "code_malformed": "Type the six digits that were sent to you.",
    "code_differs": "That is not the code. Tries left: {left}.",
    "code_used_up": "That was not the code either, and five tries are all that it has. Ask for another one.",
    "code_expired": "This code has expired: each is good for ten minutes. Ask for another one.",
    "codes_per_hour": "Five codes were sent for this link within an hour, which is as many as may be. Use the newest "
    "one, or try again in an hour.",
    "codes_per_day": "No more codes are sent to this address today. Try again tomorrow, or write to your host.",
    "codes_not_sent": "This link asks for a code by mail, and no mail can be sent at the moment. Write to whoever sent "
    "it: nothing is lost, and the link stays good.",
    "no_mail_for_codes": "There is no mail server to send a code through, so nobody could book with such a link. "
    "Whoever runs Singleuse sets SMTP_URL and MAIL_FROM.",
    # mail
    "mail_gone": "The file of this message is not in its folder any more.",
    # an invitee's data
    "erase_upcoming": "A meeting with them is still to come, and they are needed for it. Cancel it first, then erase.",
    # booking
    "slot_unavailable": "That time is no longer free. What you typed is still here: choose another time.",
    "terms_changed": "The host has just changed this meeting. What you typed is still here: look at the new details, "
    "choose a time and confirm again.",
    "start_missing": "Choose a time first.",
    "already_booked": "You had already booked with this link, so the new choice was not taken. This is your booking.",
    # a booking that was made
    "booking_not_found": "This booking does not exist. Check that the whole address was copied, or look for it in the "
    "confirmation of your booking.",
    "booking_cancelled": "This booking was cancelled. Ask its host for a new link if you would like to meet after all.",
    "another_time_asked": "{host} cannot make it at this time and asks you to choose another. "
    "Your booking waits for it.",
    "booking_over": "This meeting has begun or is over, so it cannot be changed any more.",
    "booking_changed": "This booking was changed meanwhile. Look at it as it is now, then decide again.",
    "booking_archived": "This meeting is not offered any more, so it can only be cancelled. "
    "Ask its host for another time.",
    "too_late_to_cancel": "It is too late to cancel here: that was possible until {before} before the "
    "start. Write to your host instead.",
    "too_late_to_move": "It is too late to choose another time here: that was possible until {before} before the "
    "start. Write to your host instead.",
    "correction_over": "An address can be corrected three times, within a day of booking. Write to your host instead.",
    "moved_too_often": "This booking has been moved {moves} times, which is as often as one may. "
    "Write to your host instead.",
    # fields
    "invalid_input": "Some answers need another look.",
    "name_missing": "Enter your name.",
    "name_too_long": "Shorten the name to at most 100 characters.",
    "email_missing": "Enter your e-mail address.",
    "email_too_long": "Shorten the e-mail address to at most 254 characters.",
    "email_malformed": "Enter an e-mail address like ada@example.org.",
    "guest_malformed": "{address} is no e-mail address. Write guests like bob@example.org, one on each line.",
    "too_many_guests": "Name at most {most} guests.",
    "answer_missing": "Answer this question.",
    "answer_too_long": "Shorten the answer to at most 500 characters.",
    "long_answer_too_long": "Shorten the answer to at most 2,000 characters.",
    "choice_missing": "Choose an answer.",
    "choice_unknown": "Choose from the answers that are offered.",
    "phone_malformed": "Enter a phone number with its country code, like +44 20 7946 0958.",
    "number_malformed": "Enter a number, like 12 or 2.5.",
    "too_many_questions": "Ask at most 10 questions.",
    "question_repeated": "Two questions have the same id. Give each its own.",
    "question_unreadable": "That is no question. Give it an id, words and a kind.",
    "question_length": "Write the question in 1 to 200 characters.",
    "question_options": "Offer between 1 and 20 answers, each of at most 200 characters.",
    "confirmation_message_too_long": "Shorten the message to at most 1,000 characters.",
    "url_malformed": "Enter an address like https://example.org/thanks, without a password in it.",
    "reason_too_long": "Shorten the reason to at most 500 characters.",
    "duration_out_of_range": "Choose a duration between 1 minute and 24 hours.",
    "uses_out_of_range": "Choose at least one use.",
    "cutoff_out_of_range": "Choose a time between 0 minutes and a year before the start.",
    "expires_too_soon": "Choose a day that is not over yet.",
    "email_not_yours": "Enter the e-mail address that you sign in with.",
    "invitation_gone": "This invitation cannot be accepted any more. Each works once, for a week: "
    "ask whoever sent it for a new one.",
    "too_many_invitations": "Twenty invitations wait already. Take one back first.",
    "reset_gone": "This address changes no password any more. Each works once, for half an hour: ask for a new one.",
    "no_mail_for_resets": "This Singleuse sends no mail. Whoever runs it can give you a new password.",
    "password_wrong": "That is not your password. Try again.",
    "email_taken": "Another host has this e-mail address.",
    "password_missing": "Choose a password of at least 10 characters.",
    "password_too_short": "Choose a longer password: at least 10 characters.",
    "password_too_easy": "This is too easy to guess: string together several words that have nothing to do with each "
    "other, or with you.",
    "password_too_long": "Choose a shorter password: at most 200 characters.",
    "time_zone_unknown": "Choose your time zone from the list.",
    "code_wrong": "That is not the set-up code. The terminal in which Singleuse was started shows it.",
    # event types
    "event_name_missing": "Give the event type a name.",
    "span_malformed": "Enter a time like 45 minutes, 4 hours or 2 days.",
    "span_out_of_day": "Choose between 1 minute and 24 hours.",
    "span_out_of_year": "Choose a time of at most a year.",
    "durations_malformed": "Enter durations with commas between them, like 15, 45, 1 hour.",
    "too_many_durations": "Offer at most 10 more durations.",
    "reminders_malformed": "Enter times with commas between them, like 1 day, 1 hour, 30 days at most.",
    "too_many_reminders": "Choose at most 5 reminders.",
    "window_days_out_of_range": "Choose between 0 and 730 days.",
    "date_missing": "Choose a date between 2000 and 2099.",
    "cap_malformed": "Enter a number between 1 and 10,000, or nothing.",
    "link_days_out_of_range": "Choose between 1 and 730 days, or nothing.",
    "description_too_long": "Shorten the description to at most 4,000 characters.",
    "location_address_missing": "Enter the address.",
    "video_url_malformed": "Enter the address of the video call. It begins with https://",
    "phone_missing": "Enter your phone number.",
    "place_missing": "Say where you would like to meet.",
    "location_too_long": "Shorten the place to at most 500 characters.",
    "note_too_long": "Shorten the note to at most 500 characters.",
    "email_twice": "This address is in the list already.",
    "too_many_people": "A list makes at most 1,000 links. Put the rest into another one.",
    "too_many_cells": "There is more in this line than name, e-mail and note.",
    "nobody_named": "Give a name or an e-mail address.",
    "mail_subject_missing": "Write a subject.",
    "mail_subject_too_long": "Shorten the subject to at most 150 characters.",
    "mail_text_missing": "Write a text.",
    "mail_text_too_long": "Shorten the text to at most 4,000 characters.",
    "placeholder_unknown": "Of what stands in braces, only name, event and host are known. Mend or remove the rest.",
    "no_mail_for_links": "There is no mail server to send through. Copy the links and send them yourself.",
    "nobody_to_mail": "Everybody here has had their link. Choose to send it again, if you mean to.",
    "too_many_mails": "At most {most} links can be sent in a day. Send the rest tomorrow, or download the table.",
    "people_wrong": "Some lines cannot be used. Change them, or leave them out.",
    "nobody_listed": "Say how many links, or list the people.",
    "count_malformed": "Enter a number from 1 to 1,000.",
    "batch_name_too_long": "Shorten the name to at most 100 characters.",
    "email_not_invited": "This link is for another address. Use the one that it was sent to, or ask your host.",
    "address_has_booking": "There is an upcoming booking for this address already. The mail about it has the way to "
    "move it to another time.",
    "too_many_event_types": "There are 200 event types already. Archive one that is not needed any more.",
    # hours and durations
    "weekday_out_of_range": "Choose a day from Monday to Sunday.",
    "hours_out_of_range": "Choose hours between 0:00 and 24:00.",
    "hours_end_before_start": "Choose an end that is later than the start.",
    "hours_malformed": "Write hours like 9:00–12:00, 13:00–17:30, or nothing for a day off.",
    "link_hours_malformed": "Write hours like 9:00–12:00, 14:00–16:00, or nothing for all that there are.",
    "hours_overlap": "Two of these overlap. Name each time once.",
    "too_many_hours": "Write fewer stretches: at most 24 a day and 100 a week.",
    "schedule_name_missing": "Give the schedule a name, like Working hours.",
    "time_missing": "Choose a time of day.",
    "event_type_missing": "Choose an event type.",
    "date_override_repeated": "That date has its own hours already. Change those instead.",
    "rule_out_of_range": "Choose between {least_minutes} and {most_minutes} minutes.",
    "rule_not_whole_minutes": "Choose a whole number of minutes.",
    "booking_window_out_of_range": "Choose between {least_days} and {most_days} days.",
    "booking_window_ends_before_start": "Choose a last date that is not before the first one.",
    "booking_window_without_dates": "Choose the first and the last date that can be booked.",
    "date_out_of_range": "Choose a date between {first_year} and {last_year}.",
    "cap_out_of_range": "Choose between {least} and {most} bookings.",
    "too_many_entries": "Make it at most {most}.",
    "too_many_schedules": "You have as many schedules as one may. Remove one that you do not need first.",
    "booking_not_begun": "This meeting has not begun yet.",
    "undo_too_late": "This link stays revoked: it was an hour ago, or for good. Make a new one in its place.",
    "schedule_in_use": "These event types are offered in this schedule: {names}. Choose another one for them first.",
    "recurrence_unreadable": "{rrule} is no recurrence rule. Write one like FREQ=WEEKLY;INTERVAL=2;BYDAY=FR",
    "recurrence_finer_than_daily": "{rrule} recurs within a day. Let it recur daily, weekly, monthly or yearly.",
    "recurrence_number_out_of_range": "Choose INTERVAL and COUNT between 1 and {most} in {rrule}",
    "recurrence_until_no_date": "Write UNTIL as a date in {rrule}: 31 December 2026 is UNTIL=20261231",
    "recurrence_never_fires": "{rrule} names no day in its first {years} years. Check its months, days and end.",
    "holidays_unknown": "The public holidays of that country or region are not known. Choose one from the list.",
    # calendars
    "feed_name_missing": "Give the calendar a name, like Work or Family.",
    "feed_address_missing": "Enter the secret address of the calendar.",
    "feed_address_malformed": "Enter an address that begins with https:// or webcal://, as your calendar shows it.",
    "feed_twice": "This calendar is in the list already.",
    "too_many_feeds": "You have 20 calendars, which is as many as one may. Remove one that you do not need first.",
    "feed_undo_too_late": "This calendar is gone: it was removed more than an hour ago. Add it again.",
    # what is wrong with a calendar
    "feed_host_unknown": "No such server was found. Look whether the address is whole.",
    "feed_address_private": "The address leads into a private network, which Singleuse does not read from. Whoever "
    "runs it can let this server through with CALENDAR_FEED_ALLOW.",
    "feed_port": "The address names an unusual port. Whoever runs Singleuse can let this server through with "
    "CALENDAR_FEED_ALLOW.",
    "feed_unreachable": "The server could not be reached.",
    "feed_slow": "The server took longer than 20 seconds.",
    "feed_certificate": "The server's certificate is not good, so the secret address was not sent.",
    "feed_redirect": "The address leads on to others that cannot be followed. Copy it again from your calendar.",
    "feed_unauthorised": "The server refuses the address. Copy the secret address again from your calendar's "
    "settings, add it, and remove this one.",
    "feed_gone": "There is no calendar at this address any more. Copy the secret address again from your calendar's "
    "settings, add it, and remove this one.",
    "feed_status": "The server answered with an error. That often passes by itself.",
    "feed_encoding": "The server packs the calendar in a way that cannot be opened.",
    "feed_cut_off": "Only a part of the calendar arrived. That often passes by itself.",
    "feed_too_large": "The calendar is larger than 10 MB. Choose one with fewer old events.",
    "feed_too_much": "The calendar has more in it than can be worked out. Look for an event that comes again every "
    "minute or second.",
    "feed_no_calendar": "There is a page at this address, not a calendar. Copy the secret address in iCal format; "
    "it often ends in .ics",
    "feed_unreadable": "The calendar cannot be read: it is damaged.",
    "feed_event_unreadable": "An event's time cannot be read, so it might be missed. Open it in your calendar and "
    "save it again, or delete it.",
    "feed_zone_unknown": "An event is in a time zone that is not known. Choose another zone for it in your calendar.",
    "feed_key_missing": "The key file of this Singleuse does not open the address. Add the calendar again, and remove "
    "this one.",
    "link_key_missing": "This link works, but the key file of this Singleuse cannot make its address again. Revoke it "
    "and make another.",
    # why a time is not on offer
    "outside_hours": "It is outside the weekly hours.",
    "override": "It is outside the hours of that date.",
    "holiday": "It is a public holiday: {holiday}.",
    "day_off": "It is a day off.",
    "grid": "Meetings start at other times that day.",
    "notice": "It is too soon: it would be less than the minimum notice from now.",
    "booking_window": "The date is outside the booking window.",
    "cap_day": "That day has as many bookings of this event type as it may.",
    "cap_week": "That week has as many bookings of this event type as it may.",
    "cap_month": "That month has as many bookings of this event type as it may.",
    "busy": "You are busy then.",
    "calendar": "You are busy then by your calendar: {calendar}.",
    "buffer": "The buffer before or after the meeting would not be free.",
    "is_off": "The event type is off.",
    "clock_skips": "The clocks skip that time on that day.",
    # hosts
    "not_signed_in": "You have been signed out. Sign in again; then try once more.",
    "sign_in_refused": "This e-mail address and password do not belong together. Check both and try again.",
    "second_step_gone": "That took too long, or too many codes were tried. Sign in with your password once more.",
    "second_code_malformed": "Type the six digits that your app shows now, or the letters of a recovery code.",
    "app_code_malformed": "Type the six digits that your app shows now.",
    "second_code_wrong": "That is not the code. Type the one that your app shows now. If it stays wrong, look whether "
    "your phone has the right time.",
    "second_code_used": "This code was used already. Type the next one, which your app shows within half a minute.",
    "recovery_code_wrong": "That is none of the recovery codes that you have left.",
    "two_factor_on": "Two-factor sign-in is on already. Reload the page to see how it is.",
    "two_factor_begun_long_ago": "It is an hour since this key was made. Begin again to get another one.",
    "two_factor_is_off": "Two-factor sign-in is off already. Reload the page to see how it is.",
    "provider_away": "{provider} did not answer as it should. Try again in a moment, or sign in with your password.",
    "provider_unverified": "What {provider} answered could not be verified, so nobody was signed in. Try again; if "
    "that does not help, whoever runs this Singleuse finds the reason in its log.",
    "provider_declined": "{provider} did not sign you in. Try again, or sign in with your password.",
    "provider_begun_elsewhere": "This sign-in was begun in another tab or browser, took longer than ten minutes, or "
    "was finished already. Begin again here.",
    "provider_email_unverified": "{provider} does not say that your e-mail address there is verified. Verify it "
    "there and try again, or sign in with your password.",
    "provider_no_host": "No host here has the e-mail address of your account at {provider}. Sign in with your "
    "password and change your address under Settings to that one, or ask for an invitation.",
    "provider_other_account": "You sign in here with another account of {provider}. Choose that one there; or sign in "
    "with your password, unlink it under Settings, and try again.",
    "set_up_done": "Singleuse has been set up already. Sign in instead.",
    "set_up_not_here": "Enter the set-up code. The terminal in which Singleuse was started shows it.",
    "not_found": "That is not here any more. Reload the page to see what is.",
    # pages before their scripts
    "page_not_found": "There is no page at this address. Check that the whole address was copied, or ask whoever sent "
    "it.",
    "connection_slow": "This takes longer than it should. Reload the page; if that does not help, try another network: "
    "the page needs a lasting connection (a WebSocket), which some networks block.",
    "script_to_choose": "Choosing a time needs JavaScript, which is switched off here. Switch it on and reload the "
    "page, or ask your host to agree on a time with you.",
    "script_to_see_booking": "If it was you who booked, switch JavaScript on to see your booking here.",
    "script_to_manage": "Seeing and changing your booking needs JavaScript, which is switched off here. Switch it on "
    "and reload the page, or write to your host.",
    "script_to_host": "These pages need JavaScript, which is switched off here. Switch it on and reload the page.",
    # machinery
    "try_again": "The server could not save this just now. Nothing was changed: try again in a moment.",
    "outcome_unknown": "The connection broke while this was being saved. Look whether it was saved; "
    "confirming once more is safe.",
    "origin_unknown": "This request did not come from Singleuse's own pages. Open Singleuse at its own address; "
    "whoever runs it can set PUBLIC_URL to that address.",
    "body_unreadable": "The request could not be read. Send a JSON object of texts.",
    "body_too_large": "The request was too large. Send less at once: at most 64 kB.",
    "body_too_slow": "The request did not arrive in time. Look whether the connection is good, and try again.",
    "too_many_requests": "Too much was asked from your network at once. Try again in {again}.",
    "too_many_sign_ins": "Too many tries to sign in. Try again in {again}, or choose a new password by mail.",
    "too_many_strangers": "Many have tried to sign in to this account from browsers that never did before. One that "
    "you have signed in with still works; here, try again in {again}, or choose a new password by mail.",
    "too_many_passwords": "Too many tries. Try again in {again}.",
    "too_many_codes": "Too many set-up codes were tried from here. Try again in {again}, or at the computer on which "
    "Singleuse runs.",
    "too_many_lookups": "Links were opened too often, from your network or with this one. Try again in {again}.",
    "too_many_bookings": "Too many tries to book. What you typed is still here: try again in {again}.",
    "too_many_asks": "Too many new links were asked for. What you typed is still here: try again in {again}.",
    "method_unknown": "This address does not take that kind of request. Open Singleuse in a browser instead.",
    "failed": "The server could not do this. Nothing was changed: try again in a moment.",
}

OF_COMMANDS: dict[str, str] = {
    "file_missing": "There is no file {file}",
    "file_exists": "{file} is there already. Choose another name, or replace it with --force.",
    "file_live": "{file} is in use by Singleuse itself. Choose another file.",
    "database_missing": "There is no database at {file} yet. See DATABASE_URL.",
    "database_outdated": "The database is of version {version}, and this Singleuse needs {newest}. "
    "Say: singleuse migrate",
    "backup_damaged": "The copy in {file} is damaged: {reason}",
    "backup_foreign": "{file} is no database of Singleuse.",
    "backup_newer": "{file} was made by a newer Singleuse. Restore it with that one.",
    "backup_untrue": "{file} holds what cannot be ({reason}). Restore another backup, or this one with --force.",
    "backup_by_postgresql": "PostgreSQL makes its own backups. Say:\n\n  {command}\n\n"
    "Copy the key file {key_file} too: it is in no database.",
    "restore_by_postgresql": "PostgreSQL restores its own backups. Stop Singleuse; then say:\n\n  {command}\n"
    "  singleuse migrate\n  singleuse links revoke --all\n  singleuse doctor\n\n"
    "A link that was used since the backup is unspent in it: that is why all of them are taken back.",
    "key_file_missing": "There is no key file at {file} yet. One is made when Singleuse starts; see SECRET_KEY_FILE.",
    "key_file_unreadable": "{file} is no key file: one has a name and a key in each line.",
    "demo_refused": "There are hosts already, and the demo would mingle with their data. Name an empty database in "
    "DATABASE_URL.",
    "host_unknown": "No host has the e-mail address {email}. See: singleuse hosts list",
    "two_factor_is_off_of": "{email} signs in with the password alone already.",
    "event_type_unknown": "No event type is called {name}. There are: {choices}",
    "event_type_ambiguous": "Several event types are called {name}. Name one by its id: {choices}",
    "event_type_off": "{name} is off, so its links could not be booked with. Switch it on first.",
    "links_count": "Choose between 1 and {most} links.",
}
"""What only the operator's command says, which speaks English."""

WORDS |= OF_COMMANDS

TITLES: dict[str, str] = {
    "link_not_found": "This link does not exist",
    "link_used": "This link has been used",
    "link_revoked": "This link was taken back",
    "link_expired": "This link has expired",
    "link_off": "This link cannot be booked with now",
    "booking_not_found": "This booking does not exist",
}
"""What the tab of a dead link is called."""


def words(refusal: Refusal | str) -> str:
    """The sentence that tells whoever is being answered of a refusal, or the words behind a code.

    >>> words("start_missing")
    'Choose a time first.'
    """
    if isinstance(refusal, str):
        return reader().catalogue.gettext(WORDS[refusal])
    params = {
        name: duration_words(-(-value // timedelta(minutes=1))) if isinstance(value, timedelta) else value
        for name, value in refusal.params.items()
    }
    return say(WORDS[refusal.code], **params)
