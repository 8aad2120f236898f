"""How people and models put it in English."""

# ruff: noqa: E501 - a template is a line

from __future__ import annotations

from benchmarks.truth.grammar import Act, Language, lines

ENGLISH = Language(
    code="en",
    weekdays="Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
    weekdays_on=[
        f"on {day}" for day in "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
    ],
    months="January February March April May June July August September October November December".split(),
    tomorrow="tomorrow",
    dates=lines("""
        {weekday}
        {weekday}, {day} {month}
        {weekday} {day} {month}
        {weekday}, {month} {day}
        {month} {day}
        the {day}th of {month}
        {tomorrow}
    """),
    days_on=lines("""
        {weekday_on}
        {weekday_on}, {day} {month}
        {weekday_on}, {month} {day}
        on {month} {day}
        on {day} {month}
        {tomorrow}
    """),
    times=lines("""
        {hh}:{mm}
        {h12}:{mm} {half}
        {h}:{mm}
    """),
    times_at=lines("""
        at {hh}:{mm}
        at {h12}:{mm} {half}
        at {h12}:{mm}{half}
    """),
    when=lines("""
        {date} {at}
        {date}, {time}
        {time} {on}
        {date} - {time}
    """),
    on_when=lines("""
        {on} {at}
        {at} {on}
    """),
    for_when=lines("""
        for {date} {at}
        for {time} {on}
        for {date}, {time}
    """),
    or_="or",
    services=["haircut", "beard trim", "massage", "manicure"],
    staff=["Anna", "Boris", "Maria"],
    said=lines("""
        I need a {service} {on_when}
        can you book me {on_when} please
        is {time} free?
        a friend told me I am booked {for_when}
        cancel it please
        move me to {when}
        hi, what do you have {on}?
        I want to talk to a person
        you said my appointment is confirmed
    """),
    openings=lines("""

        [Sure|Of course|Certainly|Absolutely|Gladly|No problem][!|.| thing!|, {name}!]
        [Great|Perfect|Wonderful|Lovely|Excellent|Good|Nice] [choice|news|idea][!|, {name}!|.]
        [Hi|Hello|Hey|Good morning] {name}[!|,| 👋|.]
        [Thanks|Thank you|Thank you so much] [for your message|for getting in touch|for waiting|for your patience|, {name}][.|!]
        [Alright|Okay|OK|Right|Got it|Understood|I see|Noted][.|!|, {name}.]
        [Let me see.|Let me check.|One second.|Good question!|I understand.|That makes sense.]
    """),
    closings=lines("""

        [Is there anything else|Anything else|Can I help with anything else|Is there something else I can help you with|Do you need anything else]?
        [Have a|Enjoy your|Wishing you a] [nice|lovely|great|good] [day|evening|weekend][!|.| 😊]
        [Let me know|Just tell me|Just write|Write to me|Feel free to write] if [you have any questions|anything is unclear|you need help|there is anything else].
        [A {service} takes|The {service} takes] {minutes} minutes [and costs {price}|({price})].
        We're at {address}.
        Thanks for choosing us!
        [Take care|All the best|Warm regards|Cheers][!|,|.]
    """),
    acts={
        Act.BOOKED: lines("""
            [I've|I have|We've|We have] [just |now |already |gone ahead and |successfully |happily |]booked [you in|you|your {service}|the {service}|it|that|this] {for_when}[ with {staff}|][.|!| 🎉|, {name}.]
            [I|We] [just |have just |went ahead and |]reserved [{when}|{time}|the {time} slot|the slot {on_when}|a chair {on_when}] [for you|in your name|under your name][.|!]
            [You're|You are|{name}, you're|So you're|And you're] [all set|booked|booked in|confirmed|down|scheduled|in|good to go|set|registered|signed up|on the list] {for_when}[ with {staff}|][.|!]
            [Your|The] [{service}|appointment|booking|visit|reservation|session|slot] [{on_when}|{for_when}|with {staff} {on_when}] [is|has been|is now|was] [booked|confirmed|reserved|scheduled|secured|set|arranged|in the calendar|in our system|all set|fixed|locked in|made|finalised|registered][.|!]
            [{when}|{time} {on}] [is|is now|is officially|is all] [yours|booked for you|reserved for you|locked in for you|set aside for you|confirmed for you|in the calendar under your name][.|!]
            [Booked|Confirmed|Reserved|Scheduled|Sorted|Locked in|Secured|All booked][!|:|.| -] [{service}, |{service} with {staff}, |]{when}.
            [I've|I have|We've] [put|got|pencilled|penciled|written|signed|entered|marked|slotted|squeezed|fitted] you [down|in] {for_when}[ with {staff}|][.|!]
            [I've|I have] [secured|grabbed|snagged|blocked|saved|nabbed|arranged|scheduled|set up|organised|organized|locked in] [the {time} slot|{when}|{time} {on}|a {service} {on_when}] for you[.|!]
            [Consider {when} booked|Consider yourself booked {for_when}|Consider your {service} {on_when} confirmed][.|!]
            {staff} [will see you|is expecting you|expects you|will be waiting for you|has you down|will be ready for you|looks forward to seeing you] {on_when}[.|!]
            [See you|We'll see you|We look forward to seeing you|Looking forward to seeing you|Can't wait to see you|I'll see you|We're expecting you] {on_when}[.|!| 😊]
            [I managed to|I was able to|We were able to|I could|We managed to] [book|reserve|secure|get|schedule|grab] [you |][{when}|the {time} slot|a slot {on_when}|your {service} {for_when}][.|!| for you.]
            [The booking|Your booking|Your reservation|The appointment] [{for_when} |][went through|is complete|is done|was successful|has gone through|is in place|is official|is a go|has been processed|has been created|has been placed|has been made|has been entered][.|!]
            Your [{service}|appointment|visit] [is|will take place|takes place|will be] {on_when}[ with {staff}|], [it's booked|it's all booked|everything is confirmed|that's confirmed|all confirmed][.|!]
            ✅ [{service}|Appointment|Booking][:|,| -] {when}
            [I have|I've] [made|created|placed|completed|finalised|finalized|processed|registered|submitted|entered|added] [your|the|a] [booking|reservation|appointment] {for_when}[.|!]
            You'll [be seeing|be with|have|be in the chair with|see] {staff} {on_when}[, it's all arranged|, that's booked|, all booked][.|!]
            [That's|That is|It's|It is] [booked|reserved|confirmed|scheduled|in the books|in the diary|on the calendar|all arranged] {for_when}[.|!]
            [You've got|You have got|You now have] [a {service}|an appointment|a booking|a confirmed appointment] {on_when}[ with {staff}|][.|!]
            [The calendar shows|Our calendar now shows|The system confirms|I can confirm] [your appointment|your {service}|your booking] {on_when}[.|!]
            [I can confirm|I'm happy to confirm|I'm pleased to confirm|Happy to confirm|This is to confirm|I hereby confirm|We confirm] [your|the] [booking|appointment|{service}|reservation] {for_when}[.|!]
        """),
        Act.BOOKED_BARE: lines("""
            [All|It's all|That's all|Everything is|Everything's] [done|set|sorted|arranged|taken care of|booked|settled|ready|in order|fixed|organised][.|!| 👍]
            [Done|Booked|Sorted|Confirmed|Consider it done|It's done|It is booked|That's booked|Mission accomplished|All yours][.|!]
            [I've|I have|We've] [taken care of|sorted|handled|arranged|organised|completed|finalised|processed|dealt with] [it|everything|that|your booking|the booking|your appointment|your request] for you[.|!]
            [Your|The] [appointment|booking|reservation|spot|slot|place] [is|has been] [confirmed|booked|secured|reserved|guaranteed|saved|safe][.|!]
            [I've|I have|We've] [just |already |successfully |now |]booked [it|that|this|you in|the appointment|your visit][.|!| for you.| for you!]
            [You're|You are] [booked|all booked|all booked in|all set|confirmed|good to go|in][.|!| 🎉]
            [Congratulations|Good news|Great news|Wonderful news], [your booking is confirmed|you're booked|it's booked|you have your appointment|the slot is yours][.|!]
            [Your booking number|Your confirmation number|The booking reference|Your reservation number] is {number}.
            [I've|I have] sent you [a|the] [booking confirmation|confirmation of your booking|confirmation of your appointment][.|!]
            [Nothing more to do|You don't need to do anything else|No further action needed], [you're booked|it's booked|your slot is reserved|the appointment is confirmed][.|!]
        """),
        Act.WILL_BOOK: lines("""
            [I'll|I will|We'll|I'm going to|Let me] [just |now |quickly |go ahead and |right away |]book [it|that|you in|this|the {time} slot|{when}|your {service}|you] [for you|now|right away|right now|straight away|in a moment|{for_when}][.|!]
            [I'm|I am|We're] [just |now |currently |already |][booking|reserving|scheduling|arranging|securing|finalising|processing|putting through|confirming] [it|that|this|your appointment|your booking|the {time} slot|your {service}|{when}] [for you|now|right now|as we speak|at the moment][.|!|...]
            [Booking|Reserving|Scheduling|Securing|Confirming] [it|that|your appointment|your {service}|the slot|{when}] [for you |][now|right now|right away|as we speak][.|!|...]
            [Your|The] [appointment|booking|{service}|reservation] [will be|is being|is going to be] [booked|made|confirmed|scheduled|arranged|created|processed|reserved] [shortly|now|right away|in a moment|in a minute|by our system|for you][.|!]
            [One moment|Just a moment|Hold on|Give me a second|Please wait|A second], [I'm booking it|I'm reserving it for you|while I book that|while I put that in the calendar|I'm putting you down|I'll book it][.|!|...]
            [I'll|I will|We'll] [put you down|pencil you in|sign you up|write you in|get you booked in|slot you in|add you|make a booking|make the reservation|reserve the {time} slot] [for {when}|{for_when}|for that|right away|now][.|!]
        """),
        Act.HAS: lines("""
            [You have|You've got|You already have|You currently have] [an appointment|a {service}|one appointment|a booking|a {service} booked|a {service} with {staff}] {on_when}.
            Your [next|upcoming|current|] [appointment|{service}|booking|visit] is {on_when}.
            [You're|You are|You are already|You're currently|You are still] [booked|booked in|scheduled|down] {for_when}.
            [I see|I can see|I found|According to our calendar there is] your [{service}|appointment|booking] {on_when}.
            Your [{service}|appointment] {on_when} is [still |][confirmed|booked|in place|in the calendar].
        """),
        Act.MOVED: lines("""
            [I've|I have|We've|We have] [just |now |already |successfully |][moved|rescheduled|shifted|changed|switched|pushed|brought forward|postponed] [your appointment|your {service}|it|the booking|your visit|you] to {when}[.|!]
            [Your|The] [appointment|{service}|booking|visit] [has been|is|was|is now] [moved|rescheduled|shifted|changed|switched|pushed back|postponed|transferred|updated] to {when}[.|!]
            [Moved|Rescheduled|Changed|Shifted|Switched][!|:|.| -] [new time: |it's now |your new time is ]{when}.
            [Your new|The new] [appointment|time|slot|date] is [now |]{when}[.|!]
            [The change|The move|The reschedule|Rescheduling] [is done|went through|is complete|has been made|was successful|is confirmed][: {when}|][.|!]
            [I managed to|I was able to|We were able to] [move|reschedule|shift|change] [it|your appointment|your {service}] to {when}[.|!]
            [You're|You are] now [moved|rescheduled|booked|down] {for_when} instead[.|!]
            [It's|It is|That's] [moved|been moved|rescheduled|been rescheduled|changed] to {when}[.|!]
        """),
        Act.WILL_MOVE: lines("""
            [I'll|I will|We'll|I'm going to|Let me] [just |now |quickly |]move [it|that|you|your appointment|your {service}] to {when}[ for you|][.|!]
            [I'm|I am|We're] [now |just |][moving|rescheduling|shifting|changing|switching] [it|your appointment|your {service}|the booking] [to {when}|now|for you][.|!|...]
            [Moving|Rescheduling|Shifting] [it|your appointment|your {service}] to {when}[ now|][.|!|...]
            [Your|The] [appointment|booking|{service}] [will be|is being] [moved|rescheduled|changed] to {when}[ shortly| now|][.|!]
        """),
        Act.CANCELLED: lines("""
            [I've|I have|We've|We have] [just |now |already |successfully |][cancelled|canceled|called off|deleted|removed|dropped|taken out] [your appointment|your {service}|it|the booking|your visit|that booking][ for you| {on_when}|][.|!]
            [Your|The] [appointment|{service}|booking|visit|reservation] [{on_when} |][has been|is|was|is now] [cancelled|canceled|called off|deleted|removed|off the calendar|no longer booked|taken off the calendar][.|!]
            [Cancelled|Canceled|Deleted|Removed][!|.| - no hard feelings.| as you asked.| as requested.]
            [The cancellation|Your cancellation] [is done|went through|is complete|has been made|was successful|is confirmed|has been processed|has been recorded][.|!]
            [I managed to|I was able to|We were able to] [cancel|call off|remove] [it|your appointment|your {service}][.|!]
            [That's|It's|It is] [cancelled|canceled|been cancelled|gone|called off|off the books|off the calendar][.|!|, no charge.]
            [You're|You are] [no longer booked|off the list|off the calendar][ {for_when}|][.|!]
            [You no longer have|You don't have] an appointment [{on_when}|with us], I've [cancelled|removed|deleted] it[.|!]
        """),
        Act.WILL_CANCEL: lines("""
            [I'll|I will|We'll|I'm going to|Let me] [just |now |quickly |]cancel [it|that|your appointment|your {service}|the booking] [for you|now|right away][.|!]
            [I'm|I am|We're] [now |just |][cancelling|canceling|removing|deleting] [it|your appointment|your {service}|the booking] [now|for you|right away][.|!|...]
            [Cancelling|Canceling] [it|your appointment|your {service}|that] [now|for you|right away][.|!|...]
            [Your|The] [appointment|booking|{service}] [will be|is being] [cancelled|canceled|removed|deleted] [shortly|now|right away][.|!]
        """),
        Act.REMINDER: lines("""
            [I'll|I will|We'll|We will] [remind you|send you a reminder|drop you a reminder|ping you|nudge you|text you a reminder] [the day before|a day before|two hours before|beforehand|the evening before|in good time][.|!]
            [You'll|You will] [get|receive|see|be sent|have] a reminder [the day before|beforehand|24 hours before|two hours before|in time][.|!]
            [I've|I have|We've] [set|set up|scheduled|created|added|turned on|activated] a reminder [for you|for {when}|for the day before|in our system][.|!]
            [A reminder|Your reminder] [is set|is scheduled|has been set|has been created|will be sent|will arrive|will come|goes out|is on its way] [the day before|for you|beforehand][.|!]
            [Don't worry, I'll remind you|No need to set an alarm, I'll remind you|We'll be sure to remind you|You can rely on my reminder|I'll make sure you get a reminder][ in time|][.|!]
        """),
        Act.HANDED_OFF: lines("""
            [I've|I have|We've] [just |already |][told|informed|notified|alerted|contacted|messaged|asked|pinged|texted|emailed|called] [the owner|the manager|our team|my colleague|the salon|the staff|{staff}'s manager|a colleague][ about it| about this| for you|][.|!]
            [I've|I have|We've] [just |already |][passed|forwarded|sent|handed|relayed|escalated] [your message|it|this|your request|your question|your complaint] [on to|to|over to] [the owner|the manager|our team|a colleague|the salon|the front desk][.|!]
            [The owner|The manager|A colleague|Someone from our team|Somebody|A human|A team member|Our front desk|One of my colleagues] will [get back to you|contact you|call you|call you back|write to you|be in touch|reach out|reply|take over|join this chat] [shortly|soon|today|in a moment|within the hour|as soon as possible][.|!]
            [I'm|I am|We're] [connecting|transferring|handing over|putting through] [you to|you over to|you through to] [a human|a colleague|the manager|the owner|our team|a person][ now|][.|!]
            [I'll|I will|Let me] [let the owner know|tell the manager|inform the team|ask the owner|pass this on to the owner|forward this to the team|get a colleague|get someone for you|call the manager|bring in a colleague|connect you to a human][ right away| now|][.|!]
            [Your message|Your request|Your question] [has been|was|is] [forwarded|passed on|sent|handed over|escalated] to [the owner|the team|the manager|a colleague][.|!]
            [The owner|The manager|The team|A colleague] [knows|has been informed|has been told|is informed|is aware|has your message|is on it|has been notified][ now| already|][.|!]
            [Expect a call|You'll get a call|You will hear|You'll be hearing] from [us|the owner|the manager|a colleague] [soon|today|shortly][.|!]
        """),
        Act.WAITING: lines("""
            [I've|I have|We've] [put you on|added you to|placed you on|entered you on|signed you up for] [the|our] waiting list[ {for_when}|][.|!]
            [You're|You are] [now |][on|added to] [the|our] waiting list[ {for_when}|][.|!]
            [Your name is on|You've been put on|You have been added to] the [waiting list|waitlist][.|!]
        """),
        Act.FREE: lines("""
            [We have|We've got|There is|There's|I have|I see|I found] [a free slot|an opening|a slot|a free chair|something|space|availability] {on_when}[ with {staff}|].
            {when} [is free|is available|is open|would work|works|is still free|is possible|can be booked].
            [How about|What about|Would you like|Shall we say|Does it suit you|Would it work] {when}?
            [I can offer you|I could offer you|You could come|You can have|You could take] {when}.
            [{staff} is free|{staff} has time|{staff} has an opening|{staff} could take you] {on_when}.
            [The next free|The earliest|The first available] [time|slot|appointment] is {when}.
            [There are free times|We have openings|I found these] {on}: {time}[ or|,] {other_time}.
        """),
        Act.FAILED_BOOKING: lines("""
            [I couldn't|I could not|I wasn't able to|We couldn't|I was unable to|I didn't manage to|Unfortunately I couldn't|Sorry, I couldn't] [book|reserve|schedule|secure|complete] [it|that|your appointment|the {time} slot|your {service}|the booking][.|!]
            [The booking|Your booking|The reservation] [failed|didn't go through|did not work|could not be made|wasn't successful|did not go through|couldn't be completed][.|!]
            [Nothing|No appointment|Nothing at all] [has been|was] [booked|reserved|made] [yet|so far|for you][.|!]
            [You are not|You're not|You aren't] booked [yet|in|{for_when}][.|!]
            [Something went wrong|There was an error|There was a problem] [with the booking|and it isn't booked|, the booking failed][.|!]
        """),
        Act.SMALL_TALK: lines("""
            [Nice to hear from you|Good to hear from you again|How are you today|Thanks for asking|I'm the booking assistant|I'm here to help][.|!]
            [That's a good choice|Good thinking|No worries|No worries at all|Take your time|That's no problem|Happy to help][.|!]
            [I'm sorry to hear that|Sorry for the confusion|My apologies for the mix-up|I understand that this is annoying|I hear you][.|!]
            [I help with|I only help with|I can only answer questions about] [appointments|the salon|our services][.|, sorry.|, but I'm happy to do that.]
            [You can write|Feel free to write|Please write] in [English|German|Russian|Spanish][.|, any language is fine.]
        """),
        Act.ASK: lines("""
            [Shall|Should|Can|May|Could] I [book|reserve|schedule|put you down for|pencil you in for|go ahead and book|confirm] [it|that|this|{when}|the {time} slot][ for you|]?
            [Would|Do] you [like|want|wish|prefer] [me to book it|me to reserve {when}|to book {when}|to be booked {for_when}|to move it|to cancel it|me to cancel your appointment|me to move it|a {service} booked]?
            [Which|What] [day|time|service|date] [would you like|would suit you|works for you|should it be|do you have in mind|shall I book|can I book for you]?
            [Is your appointment|Was your appointment|Has your appointment been] [already |][booked|confirmed|moved|cancelled] [with us|by phone|online]?
            [Should|Shall|Can] I [cancel|move|reschedule|call off] [it|that|your appointment|your {service}][ for you|]?
            [Do you already have|Have you already got|Are you already booked for] [an appointment|a {service}|one] with us?
            [Shall|Should] I [tell the owner|ask the manager|pass that on to the team|get a colleague|put you on the waiting list|remind you]?
            [Who|With whom] [would you like to come to|should I book you with|do you want to be booked with]?
            [Is that right|Is that correct|Did I get that right|Have I understood you correctly], you [want|would like] a {service}?
            [Before I book anything|Before I reserve it|So that I can book it], [which service would you like|could you tell me your name|what time suits you]?
        """),
        Act.OFFER: lines("""
            [How about|What about|Would you like|Shall we say|Does it suit you|Would it work] {offered}?
            [Here are|These are|I found] [the|some|a few] [free|available|open] [times|slots][ for you|]: {offered_list}.
            [We have|There is|I can offer you|I can see] [a free slot|an opening|availability|something] {on_offered}.
            {offered} [is free|is available|is still free|is open|would be possible][.|, would you like it?|. Shall I book it?]
            [You can choose between|You could pick|Free times are|Still available:] {offered_list}.
        """),
        Act.CONDITION: lines("""
            [Once|As soon as|When|After|If] you [confirm|tap Confirm|press the button|say yes|agree|give me your okay], [it's booked|you're booked|I'll book it|the appointment is confirmed|your slot is reserved|you'll get a confirmation|I'll reserve it for you|everything is set].
            [Tap|Press|Hit|Click|Just tap|Please tap] [Confirm|the button|"Confirm"] [and I'll book it|to book it|and it's booked|and you're booked|to reserve the slot|and the appointment is yours|to confirm your booking].
            [It|Your appointment|The booking|The slot] [will be|is|gets] [booked|confirmed|reserved|held|final] [once|as soon as|only when|only after|when] you [confirm|tap the button|have confirmed|agree].
            [If you like|If you want|If that suits you|If you wish|If you'd like], I [can|could|'ll] [book it|reserve it|move it|cancel it|put you on the waiting list|remind you|ask the owner|book {offered}].
            [Tell me|Let me know|Just say|Write me] [the day|which time you prefer|what suits you|your name] and I'll [book it|reserve it|take care of the booking|put you down|check].
            [Your appointment is|The booking is|It is] [not final|only final|only booked|not confirmed] [until|once|when] you [confirm|tap Confirm|press the button].
            [Unless|Until] you [confirm|tap Confirm|press the button], nothing [is|gets|will be] [booked|reserved|changed].
            [I'd|I would] [be happy to|gladly] [book|reserve|move|cancel|arrange] [it|that|one|a {service}] for you[, just tell me the day|, which day suits you][.|!]
        """),
        Act.NOT_DONE: lines("""
            [I haven't|I have not|We haven't] [booked|moved|cancelled|changed|reserved|confirmed] anything[ yet| so far|].
            [Nothing|No appointment] [is|has been|was] [booked|changed|moved|cancelled|reserved|confirmed][ yet| so far|].
            [Your|The] [appointment|booking|{service}] [is not|isn't|has not been|hasn't been|was not] [booked|confirmed|moved|cancelled|changed][ yet|].
            [You don't have|You do not have|You have no|I can't find|I don't see] [any appointments|an appointment|a booking|any upcoming bookings] [with us|in the calendar|under your name|at the moment].
            [You're not|You are not] [booked|on the list|registered][ yet| at the moment|].
            [It's|It is] [not|by no means] [booked|confirmed|reserved|final] yet[, please confirm|, I still need your okay|].
            [I still need|I'd still need|We still need] your [confirmation|okay|yes] before [anything|it] is [booked|final|reserved].
        """),
        Act.TAKEN: lines("""
            [Unfortunately|Sadly|I'm afraid|I'm sorry, but|Sorry,] {time} is [already |][booked|taken|gone|reserved|full|occupied|not available|no longer free].
            [{staff} is|We are|The whole morning is|The afternoon is] [fully|completely|already|all] booked [{on}|then|that day][.|, sorry.]
            [That time|That slot|This time] [is already booked|has already been booked|was just booked by someone else|has been taken|is reserved by another customer|is no longer available][.|, sorry.]
            [Somebody|Someone else|Another customer] [has|has already|just] [booked|reserved|taken] [{time}|it|that slot][.|, I'm afraid.]
        """),
        Act.POLICY: lines("""
            [Appointments|Bookings] can be [cancelled|moved|changed|rescheduled] [free of charge |][up to 24 hours before|until the day before|at any time].
            [Every|Each] [booking|appointment] is confirmed [with a button|by you|before it counts].
            [Cancellations|Changes] are [free|always free|possible] until [the day before|24 hours before].
            [We usually|We normally|We always|Our system always] [confirm|hold|reserve] [appointments|bookings|a slot] for ten minutes[.|, then they lapse.]
            [Customers|Clients|Guests] [are reminded|get a reminder|are booked] [by message|in this chat|the day before|in order of arrival].
            [You can|Customers can|You may] [cancel|move|reschedule|book] [your appointment|appointments|a visit] [yourself|here|in this chat|with /my].
            [It can't|It cannot|Your appointment can't|Your appointment can no longer] be [cancelled|moved|changed] [any more|online|so late].
        """),
        Act.FACT: lines("""
            [A|The|Our] {service} [takes|lasts] {minutes} minutes[ and costs {price}|].
            [We're open|We are open|Opening hours are|Our hours are|The salon is open] [from|] 10:00 [to|until|-] 20:00.
            [We open|The shop opens] at 10:00 [and close|and closes] at 20:00.
            [You'll find us|We are|Our address is|The salon is] [at |]{address}.
            [You can reach us|Call us|Our number is|Our phone:] [on |at |]{phone}.
            [We offer|Our services are|We do] {service}s, massages and manicures.
            [{staff} has been with us|{staff} has worked here] for [three|five|ten] years.
            [You can pay|We accept payment] [in cash|by card|in cash or by card].
            [Anna, Boris and Maria|Three people] work here[.|, each of them is great.]
        """),
        Act.QUOTE: lines("""
            [You wrote|You said|You mentioned|Your message says] ["{quote}"|that you are booked|that it was confirmed|that the appointment was cancelled][, but I can't find it|, but I see nothing in the calendar|. Which day do you mean?|; could you tell me more?]
            [What do you mean by|Could you explain] "{quote}"?
            [According to you|As you say], [you are booked|it was confirmed|it was cancelled], [but the calendar is empty|but I don't see it].
        """),
        Act.CANNOT: lines("""
            [I can't|I cannot|I'm not able to|I am unable to] [book|move|cancel|see] [other people's appointments|appointments of others|anything for someone else|that for another person].
            [I can|I'm able to|I'm here to] [book, move and cancel appointments|book a {service} for you|help you book, move or cancel|show you free times].
            [I don't have|I have no] [access to the calendar right now|way to call people|information about that|answer to that].
            [I can't|I cannot|I'm not able to] [promise that|guarantee a time|set reminders|call anyone|transfer you].
            [Medical questions|That question|This] [is|are] [beyond me|better answered by a doctor|nothing I can help with].
        """),
    },
)
