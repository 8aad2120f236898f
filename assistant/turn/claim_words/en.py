"""What claims sound like in English."""

# ruff: noqa: E501 - a pattern is a line; broken in two it could not be read as one.

from __future__ import annotations

from assistant.turn.claim_words import en_deeds as deeds
from assistant.turn.claim_words.words import Problem, Shape, words

_LISTS = {
    "adv": r"(?: (?:right away|straight away|at the moment|right now|swiftly|just now|now|just|already|also|successfully|gone ahead and|went ahead and|officially|all"
    r"|fully|hereby|happily|finally|then|both|therefore|quickly|gladly|as requested|go ahead and"
    r"|personally|actually|definitely|immediately|automatically|indeed|currently|still))*",
    "done": r"booked|reserved|scheduled|rebooked|pencill?ed(?: in)?|slotted in|locked in|confirmed"
    r"|secured|registered|signed up|set aside|penciled-in|locked-in|saved",
    "weak": r"made|created|placed|arranged|completed?|finali[sz]ed|set up|set|all set|fixed|entered"
    r"|recorded|done|ready|good to go|in place|processed|accepted|added|approved|sorted(?: out)?"
    r"|in (?:the|our) (?:calendar|system|books|schedule|diary)|on (?:the|our) (?:calendar|books"
    r"|schedule)|submitted|successful|complete|made for you|logged|noted|put in|under your name"
    r"|locked|a go|official|taken care of",
    "appt": r"appointment|booking|reservation|visit|session|slot|spot|seat|place|meeting|request",
    "thing": r"your|the|a|an|it|that|this|you|everything|both|them|these|those|0d|0t|him|her",
    "moved": r"moved|rescheduled|re-scheduled|shifted|switched|changed|pushed(?: back)?|postponed"
    r"|brought forward|transferred|updated|bumped|swapped",
    "cancelled": r"cancel+ed|canceled|removed|deleted|called off|withdrawn|revoked|voided",
    "told": r"notified|informed|alerted|told|contacted|messaged|let|flagged|pinged|asked|emailed"
    r"|called|forwarded|passed|escalated|handed|relayed|transferred|connected",
    "staff": r"desk|manager|owner|team|colleagues?|staff|salon|studio|receptionist|reception|someone"
    r"|human|admin|administrator|front desk|clinic|supervisor|agent|operator|specialist"
    r"|representative|person|member|boss|people|humans?|support",
    "ive": r"i'?ve|i have|we'?ve|we have|i|we|i did|we did|i've gone ahead and|i just|the system has"
    r"|our system has|i had|i'd",
    "ill": r"i'?ll|i will|we'?ll|we will|i'm going to|i am going to|we're going to|let me|i shall"
    r"|allow me to|lemme|i'm about to|while i|i'm gonna",
    "im": r"i'?m|i am|we'?re|we are|am",
    "youre": r"you'?re|you are|you've been|you have been|you were|u r|ur",
    "is": r"is|'s|has been|was|has|has now been|got|is being|has just been|are|have been|were",
    "could": r"(?:i|we|i've|we've)(?: have)?(?: (?:was|were|been))?<adv> (?:able to|managed to|taken the liberty of|took the liberty of)",
    "its": r"it'?s|that'?s|this is|that is|it is|it has been|it's been|that has been|all",
}
_B, _M, _C, _R, _H = (
    Problem.CLAIMS_BOOKING,
    Problem.CLAIMS_MOVE,
    Problem.CLAIMS_CANCEL,
    Problem.CLAIMS_REMINDER,
    Problem.CLAIMS_HANDOFF,
)

ENGLISH = words(
    "en",
    lists=_LISTS,
    deeds=deeds.CLAIMS,
    deed_lists=deeds.LISTS,
    matters=deeds.MATTERS,
    harmless=deeds.HARMLESS,
    house=deeds.HOUSE,
    small=deeds.SMALL,
    claims={
        (_B, Shape.DID): """
            <ive><adv> (?:sorted|handled|settled|processed) your
            <ive><adv> (?:added|entered|noted) (?:a|an|the|your) (?:<appt>)
            <ive><adv> (?:taken|claimed|saved|booked|dealt with|seen to|organi[sz]ed)~ (?:for you|in your name|on your behalf)
            <ive><adv> (?:organi[sz]ed|dealt with|seen to) <thing>
            <ive><adv> sent~ confirmation
            (?:i|we) (?:can|hereby|do|am happy to|are happy to|would like to)<adv> confirm (?:your|the|that|0d|0t)(?! (?:if|whether|once))
            (?:happy|pleased|glad|delighted) to confirm
            <could> (?:book|reserve|schedule|secure|get|fit|squeeze|snag|grab|booking|reserving|scheduling)
            [^ ]+(?:'s| has)<adv> (?:got you (?:down|in|at|on|for|0d|0t|booked)|(?:booked|scheduled|confirmed|reserved) (?:you|your|it))
            <ive><adv> (?:booked|reserved|rebooked|pencill?ed|slotted|secured|grabbed|snagged)
            <ive><adv> (?:scheduled|confirmed|made|created|placed|arranged|completed|finali[sz]ed|set up|set aside|locked in|registered|signed|entered|recorded|processed|submitted|sent|signed) <thing>
            <ive><adv> (?:got|have|had|gotten|get) (?:you|your|it|that|0d|0t|the)~ (?:<done>|down|set up|in)
            <ive><adv> (?:got|have) you (?:down|in|set|all set|<done>)
            i have you~ (?:<done>|down)
            <ive><adv> (?:put|added|fit|fitted|squeezed|slotted|entered|wrote|written|marked|placed) (?:you|your (?:name|appointment|booking|visit)|it|that|0d|0t|this)~ (?:down|in|for|to|into|on|at)
            <ive><adv> added (?:your|the|an|this) <appt>
            <ive><adv> (?:taken care of|sorted|handled|locked|held|blocked|saved|claimed)~ (?:booking|appointment|reservation|slot|spot|0d|0t|it|that|time)
            <ive><adv> put~ (?:hold|booking|reservation|appointment|waiting list|waitlist)
            (?:«|and )(?:(?:just|have|successfully|now|all|gone ahead and) )*(?:booked|reserved|scheduled|pencill?ed) (?:you|it|that|your|a|an|the|for you|in)
            <ive>~ , [^,]{2,40} , (?:booked|reserved|scheduled|confirmed)
            <ive><adv> did (?:it|that|the booking)
        """,
        (_B, Shape.STATE): """
            (?:it'?s|that'?s|it is|that is)<adv> (?:in|on) (?:the|our|my) (?:diary|calendar|books|schedule|system)
            (?:i|we)<adv> confirm (?:the|your|a)(?! (?:if|whether))
            this is to confirm
            (?:i|we)<adv> (?:see|found|find|have found|can see|'ve found)(?: [^ ,]+){0,2}? your (?:[^ ,]+ ){1,4}?(?:on|at|for|0d|0t)
            [^ ]+ has you(?: down| in| booked)
            your (?:[^ ,;:()—.!?]+ ){1,9}?(?:is|'s)<adv> in place
            your (?:next|upcoming|current|coming)(?: [^ ,;:()—.!?]+){1,4}? (?:is|'s)<adv> (?:on|at|for|0d|0t)
            consider(?: [^ ,;:()—.!?]+){0,6}? <done>
            (?:the|your) (?:<appt>|haircut|massage|chair)(?: (?!requested|and|or|can|will|could|should|may|if|once|when|is|has|was)[^ ,;:()—.!?]+){0,7}? (?:is|has been|was|'s)<adv> (?:saved|safe|guaranteed|arranged|made|kept)(?! (?:by|for others))
            (?:it'?s|that'?s|it is|that is|everything is)<adv> (?:<done>|arranged|settled|fixed)(?: (?:for|on|at))+ 0[dt]
            your (?:[^ ,;:()—.!?]+ ){1,7}?(?:is|'s)<adv> (?:in|on) (?:the|our) (?:calendar|system|books|schedule|diary)
            (?:i|we)<adv> (?:see|found|find|have found|can see|'ve found)~ your~ (?:appointment|booking|reservation|visit|haircut|massage|session)~ 0[dt]
            (?:calendar|system|schedule|diary|book) (?:now )?(?:shows|has|lists|says|confirms)~ (?:you|your)
            according to (?:our|the) (?:calendar|system|schedule)~ (?:you|your)
            you(?:'ve| have)<adv> (?:been )?(?:added|put|placed|entered|moved) (?:on|onto|to|in)(?: [^ ,]+){0,2}? (?:waiting list|waitlist|list|schedule|calendar)
            (?:your name(?:'s| is)|you'?re|you are)~ (?:on|onto|to)(?: (?:the|our))? (?:waiting list|waitlist)
            your (?:<appt>|haircut|massage)~ (?:is|'s)<adv> (?:booked|confirmed|in (?:the|our) (?:calendar|system|books|diary))
            you(?:'ve| have)(?: got)?<adv> your (?:appointment|booking|slot|spot|place)
            consider your~ (?:<done>|<weak>)
            consider yourself <done>
            <youre><adv>(?: (?:in and|down and))? (?:<done>|all set|good to go|in|down for|down on|down at|on (?:the|our) (?:schedule|calendar|books|list|waiting list|waitlist)|set|sorted|good for 0d)(?! (?:off|trouble|up (?:the|your)|doubt|need|an?|touch|case|any|luck|a)\\b)
            u(?:'re| r| are) <adv>(?:booked|in|set)
            you(?:'ve| have| got)?<adv>(?: got)? (?:a|an|your) (?:confirmed|booked|reserved|secured) <appt>
            your (?:<appt>)(?: (?!requested|and|or|can|will|could|should|may|if|once|when|is|has)[^ ,;:()—.!?]+){0,7}? (?:<is>)<adv> (?:<done>|<weak>)
            your (?!requested|preferred|chosen|desired|usual|first|favou?rite|selected|original|master|stylist)(?:[^ ,;:()—.!?]+ ){1,6}?(?:<is>)<adv> (?:<done>|locked|all set|good to go)
            your [^ ]+(?: [^ ]+)?'s(?: been)?<adv> (?:<done>|all set)
            (?:booking|appointment|reservation|slot|visit|request)<adv> (?:confirmed|complete[d]?|created|made|successful|secured|booked|set|done|scheduled|finali[sz]ed|accepted|approved|registered|saved)
            (?:confirmed|booked|scheduled|reserved) (?:appointment|booking|reservation|for) (?:0d|0t|:|your)
            «(?:(?:all|and|now|just|so|ok|okay|great|perfect|successfully|you) )*(?:booked|reserved|scheduled|confirmed|locked in|secured|all booked|pencill?ed in)(?: (?:in|you in|for you|for 0d|for 0t|on 0d|0d|0t|at 0t|with [^ ]+))*»
            (?:booked|reserved|scheduled|confirmed|secured|set)(?: (?:in|up|0d|0t|at|on))* (?:for you|under your name|in your name)
            «(?:(?:all|now|ok|okay|great|perfect|yes|sure) )*(?:booked|reserved|scheduled|confirmed|locked in|secured|all set)(?: in)? (?:for|on|at) (?!others|another|other|someone)[^ ,]+(?: [^ ,]+){0,3}»
            0[dt] (?:is|'s)(?: (?:now|all))* (?:yours|set|all set|all yours|a go|locked in|confirmed|secured|good to go|in the books|sorted)
            (?:slot|spot|time|place|chair|seat|it|that|this)(?:'s| is)(?: (?:now|all))* (?:yours|all yours)
            (?:welcome|enjoy) your (?:confirmed|booked|new) <appt>
            (?:this|that|it|which) (?:confirms|secures|completes|finali[sz]es) (?:your|the) <appt>
            (?:the|your) (?:booking|appointment|reservation) (?:went|has gone|'s gone) through
            we (?:have|'ve got|got) you(?: [^ ,]+){0,3}? (?:down|booked|in|scheduled|confirmed|for 0d|on 0d|at 0t)
            status : (?:confirmed|booked)
            (?:reservation|booking|confirmation) (?:number|code|id|reference|ref|no) (?:is|:)
            congratulations~ (?:booked|appointment|booking)
        """,
        (_B, Shape.THING): """
            (?:is|[a-z]+'s|has been|was|gets|got|has now been|are all|are both|is now|and|have both been)<adv> (?:booked|reserved|scheduled|confirmed|secured|locked in|pencill?ed in|rebooked)
            the (?:appointment|booking|reservation)(?: (?!is|has|was|can|will)[^ ,;:()—.!?]+){0,5}? (?:<is>)<adv> (?:<done>|<weak>)
        """,
        (_B, Shape.WILL): """
            while (?:i|we) (?:put|note|write|enter|add|get) (?:that|it|you|this|your)
            (?:your|the) (?:[^ ,]+ ){1,3}(?:is going to be|will be)<adv> created
            (?:your|the) (?:[^ ,]+ ){1,3}(?:is going to be|will be)<adv> (?:processed|made|arranged|booked|reserved|confirmed)
            (?:manicure|massage|haircut|trim|visit|it|session) (?:is|are|gets) being<adv> (?:processed|booked|arranged|reserved|made)
            <ill><adv> (?:add|enter|note) you(?! (?:if|when|once|to the waiting))
            <ill><adv> (?:make|place|do|write you|sign you|put you|enter you|add you|fit you|note you)(?: [^ ,]+){0,3}? (?:booking|reservation|appointment|in|down|up|list)
            <im><adv> (?:arranging|finali[sz]ing|processing|placing|organi[sz]ing|putting through|submitting|confirming|scheduling|securing) (?:you|your|the|it|that|this|0d|0t)
            «(?:(?:just|now|ok|okay|sure|alright|great) )*(?:securing|confirming|finali[sz]ing|arranging|processing) (?:it|that|you|your|this|0d|0t|the)(?! (?:is|works|takes|can|process|system|page|window|policy))
            (?:appointment|booking|reservation|<appt>|haircut|massage|it) (?:will be|is going to be|is being|gets)<adv> (?:processed|made|created|arranged|placed|entered|completed|reserved|booked|finali[sz]ed)
            <ill><adv> (?:book|reserve|schedule|secure|pencil|slot|lock|rebook|register|make (?:the|your|that|this) (?:booking|appointment|reservation)|put you (?:down|in)|sign you up|confirm (?:your|the) (?:appointment|booking)|finali[sz]e|arrange|set up (?:your|the|an) (?:appointment|booking))
            <ill><adv> (?:get|have) (?:you|it|that|this|your|0d|0t|the)~ (?:<done>|sorted|in|set up|arranged)
            <im><adv> (?:booking|reserving|scheduling|pencill?ing|putting you|slotting|locking|securing|rebooking|registering you|adding (?:you|your)|making (?:the|your|that) (?:booking|appointment|reservation)|getting (?:you|it|that)~ (?:<done>|set up)|finali[sz]ing|confirming (?:your|the|it|that))
            (?:will|shall|gonna|is going to|'ll|is|are|be)<adv> (?:be|being)<adv> (?:booked|reserved|scheduled|confirmed|secured|locked in|booked in|set up)
            you(?:'ll| will)<adv> be (?:all set|good to go|booked|scheduled|confirmed|set|down for)
            «(?:(?:just|now|ok|okay|sure|alright|great) )*(?:booking|reserving|scheduling) (?:it|that|you|your|this|0d|0t|the|now)(?! (?:is|works|takes|can|process|system|page|window|policy))
            (?:processing|submitting|finali[sz]ing|completing) (?:your|the) (?:booking|appointment|reservation)
            going ahead (?:with|and) (?:the |your )?(?:booking|reservation)
        """,
        (_B, Shape.DATED): """
            (?:0d|0t)(?: [^ ,]+){0,2} it is»
            your (?:[^ ,;:()—.!?]+ ){1,3}(?:will take place|takes place|will be|is)(?: (?:on|at|for))* 0[dt]
            you(?:'ll| will) (?:have|see|meet|be with|sit with) (?!to|a|an|the|more|time|no|any)[^ ]+ (?:at|on|0d|0t)
            you(?: now| also| already| currently)?(?:'ve| have)(?: got)?(?: (?:also|already|still|now|currently))*(?: (?:a|an|one|your|another)) (?!free|look|choice|question|few|couple|second|moment|minute)[^ ,;:()—.!?]+(?: (?!free|choice)[^ ,;:()—.!?]+){0,3}? (?:at|on|for) 0[dt]
            (?:look|looking|looks|we'd) forward to
            you(?:'ll| will) be (?:seeing|visiting|meeting|coming)
            your [^ ]+(?: [^ ]+)? (?:is happening|takes place|is on|is at)
            (?<!could )(?<!can )(?<!would )(?<!to )(?<!might )(?<!may )(?:see|seeing|meet|expect|expecting|await|awaiting|catch) (?:you|u|ya|y'all)
            see u
            (?:looking forward to|can't wait for|can't wait to|excited for)~ (?:you|your|visit|appointment)
            you(?: now| also| already| currently)?(?:'ve| have)(?: got)?(?: (?:also|already|still|now|currently))*(?: (?:a|an|one|your|another))(?: (?!not)[^ ,;:()—.!?]+){0,4}? (?:<appt>|haircut|massage)
            your (?:next |upcoming |new |existing |current )?(?:appointment|booking|reservation|visit|session)(?: (?!requested|and|or|can|will|if|is)[^ ,;:()—.!?]+){0,6}? (?:is|'s|starts|begins|takes place|will be)(?: (?:now|still|scheduled|set))* (?:for|on|at|0d|0t)
            (?:0k|0check) .*0[dt]
            we(?:'ll| will) (?:be (?:ready|waiting)|have [^ ]+ ready|expect|welcome|take care of)~ (?:you|for you)
            [^ ]+ (?:will be (?:ready|waiting|expecting)|is expecting|will see|is looking forward|expects|will take care of)~ (?:you|for you)
            welcome to your appointment
            (?:come|arrive|be there|show up)(?: by| in)? (?:a few|five|ten|5|10) minutes (?:early|before)
        """,
        (
            _B,
            Shape.TOLD,
        ): r"(?:you|your|yours|you're|you'll|you've|it'?s now|it is now|new|now|appointment|booking|reservation)",
        (_B, Shape.DONE): """
            «all yours»
            «(?:(?:it'?s|that'?s|everything'?s|everything is|it is|all|that is) )*(?:all )?(?:ready|fixed|organi[sz]ed|settled|arranged|in order|taken care of)(?: (?:for you|now|then))*»
            (?:i'?ve|i have|we'?ve|we have|i|we)<adv> (?:dealt with|organi[sz]ed|arranged|sorted|settled) (?:it|that|everything|this|all)
            «(?:(?:all|and|ok|okay|great|perfect|it'?s|that'?s|everything'?s|everything is|boom|yes|yep|sure|alright|consider (?:it|that)) )*(?:done|all set|sorted|taken care of|good to go|squared away|handled)(?: (?:for you|and dusted|deal|then|now|and done|as requested))*»
            (?:it'?s|that'?s|it is|that is|everything'?s|everything is|that'?s now|it'?s now)(?: (?:now|all|been|already))* (?:done|sorted|taken care of|all set|set|official|settled|handled|arranged|in the books|locked in|in the system|in the calendar|on the books)
            (?:it|that|everything) (?:has|was)(?: (?:now|all|already))* (?:been )?(?:done|sorted|taken care of|handled|arranged|processed|gone through)
            consider (?:it|that|yourself) (?:<done>|done|sorted|handled|set)
            (?:i'?ve|i have|i)<adv> (?:done|sorted|taken care of|handled|arranged) (?:it|that|everything|this)
            (?:it|everything) went through
            mission accomplished
        """,
        (_M, Shape.DID): """
            <ive><adv> (?:switched|swapped|bumped|transferred) your
            <could> (?:move|reschedule|shift|switch|change|moving|rescheduling)
            <ive><adv> moved (?:you|your|it|that|this|the (?:appointment|booking|visit|slot|time|reservation|haircut|massage)|both|everything|from|to (?:0d|0t)|back|forward|things)
            <ive><adv> (?:rescheduled|re-scheduled|shifted|postponed|pushed|bumped|brought)
            <ive><adv> (?:switched|changed|updated|swapped|transferred) (?:you|your (?:appointment|booking|visit|reservation|slot|time|0d|0t|haircut)|the (?:appointment|booking|time|reservation|date)|it|that|0d|0t)
            <ive><adv> (?:got|have) (?:you|your|it|that)~ (?:moved|rescheduled|switched|changed)
            (?:«|and )(?:(?:just|have|successfully|now) )*(?:moved|rescheduled) (?:you|it|that|your|from|to)
        """,
        (_M, Shape.STATE): r"""
            your new (?:time|date|slot|appointment) is
            «(?:shifted|changed|moved|switched|rescheduled)(?: (?:—|:|!|\.|,))+ (?:it'?s|it is|your|new|now)
            (?:it'?s|that'?s|it is|that is)<adv> (?:<moved>) to
            (?:it'?s|that'?s|it is|it has|that has)<adv> been<adv> (?:<moved>)
            (?:the |your )?(?:move|change|reschedul\w*|switch|shift)(?: (?:to|of) (?:0d|0t))*(?: (?:is|was|has been|has|went))*<adv> (?:confirmed|complete[d]?|done|successful|through|made|gone through)
            (?:new|updated) (?:time|date|appointment|slot)(?: (?:is|now|:))+ ?(?:0d|0t)
            <youre><adv> (?:moved|rescheduled|switched|shifted)
            (?:your|the) (?:[^ ,;:()—.!?]+ ){1,7}?(?:<is>)<adv> (?:transferred to|updated to|moved|rescheduled|re-scheduled|shifted|switched|postponed|pushed|brought forward|bumped|changed (?:to|from))
            (?:the |your )?(?:appointment|booking|reservation|visit)(?: (?:is|'s|has been|was|now|time))*<adv> (?:moved|rescheduled|shifted|updated|changed)
            «(?:(?:all|and|now|just|ok|okay|successfully|great) )*(?:moved|rescheduled|switched)(?: (?:to|for you|from|0d|0t|at|on|it))*»
            new (?:time|date|appointment) (?:is|:)~ (?:confirmed|set|0d|0t)~ (?:instead|confirmed)
            (?:reschedul\w*|move|change)(?: is)? (?:complete[d]?|confirmed|done|successful)
        """,
        (
            _M,
            Shape.THING,
        ): "(?:is|'s|has been|was|it's|that's|have been)<adv> (?:moved|rescheduled|shifted to|postponed)",
        (_M, Shape.WILL): """
            (?:will|'ll|is going to)<adv> be<adv> (?:<moved>) to
            «(?:(?:just|now|ok|okay|sure) )*(?:shifting|switching|changing|postponing|bumping) (?:it|that|you|your|the)(?! (?:is|can|takes))
            (?:appointment|booking|reservation|it|<appt>|haircut|massage) (?:will be|is being|gets|is going to be)<adv> (?:<moved>)
            <ill><adv> (?:move|reschedule|shift|switch|postpone|push|change|swap|bump) (?:you|your|it|that|the|this|0d|0t)
            <im><adv> (?:moving|rescheduling|shifting|switching|postponing|changing|pushing) (?:you|your|it|that|the|this|0d|0t)
            (?:will|'ll|is)<adv> (?:be|being)<adv> (?:moved|rescheduled|shifted|postponed)
            «(?:(?:just|now|ok|okay|sure) )*(?:moving|rescheduling) (?:it|that|you|your|0d|0t)(?! (?:is|can|takes))
            <ill><adv> (?:get|have) (?:you|it|that|this|your|0d|0t|the)~ (?:moved|rescheduled|switched)
        """,
        (_C, Shape.DID): """
            <could> (?:call off|remove|delete|drop|take off)
            <ive><adv> (?:called|taken|struck) (?:[^ ,]+ ){0,3}?(?:off|out)
            <ive><adv> taken out (?:your|the|it|that|you)
            <could> (?:cancel|cancel+ing)
            <ive><adv> (?:cancel+ed|called off|taken you off|released|freed up|withdrawn|voided)
            <ive><adv> (?:removed|deleted|dropped) (?:your|the|it|that|you|0d|0t)
            <ive><adv> (?:got|have|had) (?:it|that|your|the)~ cancel+ed
            (?:«|and )(?:(?:just|have|successfully|now) )*cancel+ed (?:it|that|your|the|for you)
            <ive><adv> (?:processed|completed|made|confirmed) (?:your|the) cancell?ation
        """,
        (_C, Shape.STATE): """
            (?:the|your|it|that)(?: [^ ,;:()—.!?]+){0,6}? (?:is|was|has been|'s)<adv> taken (?:off|out of) (?:the|our)
            (?:the|your) (?:[^ ,;:()—.!?]+ ){1,7}?(?:is|was|has been)<adv> no longer booked
            (?:the|your) (?:haircut|massage|manicure|trim|[^ ,]+ trim)(?: (?:on|at|for|0d|0t))*(?: (?:is|was|has been|have been))+<adv> (?:<cancelled>|gone)
            (?:the |your )?(?:appointment|booking|reservation|visit|slot)(?: (?:on|at|for|0d|0t))*(?: (?:is|was|has been|have been))+<adv> (?:<cancelled>|gone)
            (?:the |your )?cancell?ation(?: (?:is|was|has been|have been))+<adv> made
            «(?:it'?s|that'?s|it is|that is)<adv> off the (?:calendar|list|books|schedule)
            «(?<!0t , )(?<!0d , )(?:it'?s|that'?s|it is|that is|they'?re|they are)<adv> (?:gone|deleted|removed|off)»
            (?:it'?s|that'?s|it is|it has|that has)<adv> been<adv> (?:<cancelled>)
            <youre><adv>(?: now)? off (?:the|our) (?:list|schedule|calendar|books)
            «(?:(?:all|and|now|just|ok|okay|successfully) )*(?:cancel+ed|deleted|removed|called off)(?: (?:—|as you (?:asked|wished|wanted)|as requested|for you|0d|0t|on|at))*»
            (?:appointment|booking|reservation|visit|haircut|massage)(?: 0d| 0t| on| at)*(?: (?:is|was|has been))*<adv> (?:off|out of|gone from|taken off|no longer (?:in|on|booked))(?: (?:the|our) (?:calendar|list|schedule|books|diary))?
            cancell?ation(?: (?:is|has been|was|has))*<adv> (?:recorded|registered|noted|successful|confirmed|accepted|done|through)
            your (?:[^ ,;:()—.!?]+ ){1,7}?(?:<is>)<adv> (?:cancel+ed|called off|removed(?: from)?|deleted|withdrawn|off the books|no longer booked)
            (?:both|both of your|all your|all of your|your|the|your two) (?:appointments|bookings|reservations|visits) (?:have been|are|were)<adv> (?:cancel+ed|removed|deleted)
            <youre><adv> (?:cancel+ed|off the (?:schedule|calendar|books)|no longer booked)
            (?:appointment|booking|reservation|visit)<adv> (?:cancel+ed|removed|deleted)
            «(?:(?:all|and|now|just|ok|okay|successfully|great) )*cancel+ed(?: (?:for you|it|0d|0t|at|on|as requested))*»
            cancell?ation(?: (?:is|has been|was|of [^,]{2,40}? is))*<adv> (?:confirmed|complete[d]?|done|processed|successful|went through)
            (?:it|that|0d|0t|which)(?:'s| is)(?: (?:now|all))* off the books
        """,
        (
            _C,
            Shape.THING,
        ): "(?:is|'s|has been|was|it's|that's|have been|are both|have both been|are all)<adv> (?:cancel+ed|called off)",
        (_C, Shape.WILL): """
            (?:appointment|booking|reservation|it|visit|haircut|massage|manicure|trim) (?:will be|is being|gets|is going to be)<adv> (?:<cancelled>)
            your (?:[^ ,]+ ){1,2}(?:will be|is being)<adv> (?:<cancelled>)
            <ill><adv> (?:cancel|call off|remove|delete) (?:it|that|your|the|this|0d|0t|you|both)
            <im><adv> (?:cancel+ing|calling off|removing|deleting) (?:it|that|your|the|this|0d|0t|both)
            (?:will|'ll|is)<adv> (?:be|being)<adv> (?:cancel+ed|called off)
            «(?:(?:just|now|ok|okay|sure) )*cancel+ing (?:it|that|your|now|0d|0t)(?! (?:is|can|takes))
            <ill><adv> (?:get|have) (?:it|that|this|your|0d|0t|the)~ cancel+ed
            <ill><adv> (?:process|complete) (?:your|the) cancell?ation
        """,
        (_R, Shape.DID): """
            <ive><adv> (?:set(?: up)?|scheduled|created|added|put|sent|made|turned on|enabled|activated|arranged)(?: (?:you|a|an|the|your|for|up))*(?: [^ ,]+){0,3}? reminders?
        """,
        (_R, Shape.STATE): """
            (?:your |the |a )?reminders?<adv> (?:is|has been|are|have been|'s)<adv> (?:set|scheduled|created|on|active|in place|sent|added|enabled|activated)
            «(?:(?:and|your) )?reminders? (?:set|scheduled|created|added|on|activated)
            (?:with|and) a reminder (?:set|scheduled)
        """,
        (_R, Shape.WILL): """
            (?:rely|count) on (?:my|our|a|the) reminder
            (?:make|be) sure~ (?:remind|reminder)
            (?:a |the |your )?reminders?(?: [^ ,]+){0,2}? (?:goes|go|comes|come|arrives|follows)(?! (?:if|when))
            <ill><adv> (?:remind|send (?:you )?(?:a|an|the|another|out)~ (?:reminder|heads-up)|nudge|ping|text) (?:you|u|a|the)?
            <ill><adv> (?:send|set|give|schedule|create|add|drop|shoot|get)(?: (?:you|up|a|an|the|out|also))*(?: [^ ,]+){0,3}? (?:reminders?|heads-up|nudge)
            you(?:'ll| will| are going to|'re going to| should| shall)(?: (?:also|then|automatically))* (?:get|receive|have|be sent|see)(?: [^ ,]+){0,4}? reminders?
            you(?:'ll| will)(?: also)? be reminded
            (?:a |the |your )?reminders?(?: [^ ,]+){0,3}? (?:will|is going to|are going to|'ll) (?:be sent|arrive|come|reach|go out|follow|be coming|pop up)
            <im><adv> (?:setting|sending|scheduling|adding)(?: [^ ,]+){0,3}? reminders?
            expect a reminder
            we(?:'ll| will) remind you
            reminder (?:is )?on its way
        """,
        (_H, Shape.DID): """
            <ive><adv> (?:notified|informed|alerted|contacted|messaged|pinged|emailed|called|texted|reached out to|told|asked|cc'd)(?: [^ ,]+){0,3}? <staff>
            <ive><adv> (?:let|made)(?: [^ ,]+){0,3}? <staff>(?: [^ ,]+){0,2}? (?:know|aware)
            <ive><adv> let (?!(?:you|me|us|it|that|this) )[^ ,]+ know
            <ive><adv> (?:passed|forwarded|handed|sent|relayed|escalated|transferred|flagged|raised|referred|put)~~ (?:to|with|for|through to)(?: [^ ,]+){0,4}? <staff>
            <ive><adv> (?:passed (?:it|this|that|your [^ ]+) (?:on|along)|escalated (?:it|this|that|your)|flagged (?:it|this|that|your))
            <ive><adv> (?:left|sent)(?: [^ ,]+){0,2}? (?:message|note|notification)~ (?:for|to|with)(?: [^ ,]+){0,3}? <staff>
            <ive><adv> (?:connected|transferred|put) you (?:to|with|through)
            <ive><adv> requested (?:a callback|a call back|a human)
        """,
        (_H, Shape.STATE): """
            (?:<staff>)(?: [^ ,]+){0,2}? (?:is|are|has been|have been)<adv> (?:informed|notified|aware|on it|told)
            (?:the |our |a |your )?(?:[^ ,]+ )?<staff>(?: member| from [^ ,]+(?: [^ ,]+)?)?<adv> (?:has been|have been|was|were|is being|are being|'s been)<adv> (?:notified|informed|alerted|told|contacted|messaged|made aware|paged|looped in)
            your (?:message|request|question|complaint|case|concern|feedback|note)<adv> (?:has been|was|is being|'s been|is|is on its way)<adv> (?:passed|forwarded|sent|escalated|handed|transferred|relayed|shared|to the)
            <youre><adv> (?:connected|being connected|being transferred|transferred)
            (?:the |our )?(?:[^ ,]+ )?<staff> (?:already )?(?:knows|know|has your|is aware|are aware|has seen|is looking into|is on it|is joining)
        """,
        (_H, Shape.WILL): """
            you(?:'ll| will) be hearing~ from
            expect (?:a|an)~ (?:call|message|reply|callback|answer) from
            <im><adv> (?:putting|handing|passing)(?: [^ ,]+){0,4}? (?:through|over)(?: (?:to|you)| to)
            (?:a |an |our |the |my |one of our |one of the |some)?(?:[^ ,]+ )?<staff>(?: member| from [^ ,]+(?: [^ ,]+)?)?(?:'ll| will| is going to|is about to| should)<adv>(?: shortly| soon| then)? (?:get back|be in touch|be with you|contact|reach out|call you|reply|respond|write|answer|follow up|join|take over|get in touch|message|help you shortly|phone)
            (?:someone|somebody)(?:'ll| will| is going to)<adv>(?: shortly| soon)? (?:get back|be in touch|be with you|contact|reach out|call|reply|respond|write|answer|follow up|join|take over|get in touch|message)
            <ill><adv> (?:notify|inform|alert|tell|contact|message|ping|email|call|ask|reach out to)(?: [^ ,]+){0,2}? <staff>
            <ill><adv> (?:let)(?: [^ ,]+){0,2}? <staff> know
            <ill><adv> (?:pass|forward|hand|send|relay|escalate|transfer|flag|raise|refer)~~ (?:to|with|along|on|over)
            <ill><adv> (?:escalate|connect you|transfer you|put you through|get (?:someone|somebody|a human|the manager|a colleague|the owner)|bring in)
            <im><adv> (?:notifying|informing|alerting|contacting|passing|forwarding|transferring|connecting|escalating|handing|getting (?:someone|a human|the manager)|asking the|putting you through|looping)
            (?:hold on|please wait)~ (?:while i )?(?:transfer|connect)
            you(?:'ll| will) (?:be (?:contacted|connected|transferred)|hear (?:back )?from|get a (?:call|callback|call back))
        """,
    },
    failures={
        _B: """
            (?:couldn't|could not|can't|cannot|unable to|wasn't able to|was not able to|weren't able to|failed to|didn't manage to|not able to|wasn't possible to|not possible to|did not|didn't|haven't|have not)(?: [^ ,]+){0,3}? (?:book|booked|reserve|reserved|schedule|complete|confirm|make|made|secure|finali[sz]e|process|create|save)
            (?:booking|reservation|appointment)(?: [^ ,]+){0,3}? (?:failed|did not go through|didn't go through|was not|wasn't|has not|hasn't|could not|couldn't|didn't work|did not work|is not|isn't)
            (?:nothing|no appointment|no booking|no reservation)(?: [^ ,]+){0,4}? (?:booked|reserved|made|created|saved|scheduled)
            (?:you are not|you're not|you aren't)(?: [^ ,]+){0,2}? (?:booked|scheduled)
            (?:something went wrong|that didn't work|it didn't work|that failed|that did not work|there was (?:a|an) (?:error|problem|issue))
        """,
        _M: """
            (?:couldn't|could not|can't|cannot|unable to|wasn't able to|was not able to|failed to|not able to|did not|didn't|haven't|have not)(?: [^ ,]+){0,3}? (?:move|moved|reschedule|rescheduled|change|changed|shift)
            (?:something went wrong|that didn't work|it didn't work|that failed|that did not work)
            (?:appointment|booking)(?: [^ ,]+){0,3}? (?:was not|wasn't|has not|hasn't|could not|couldn't|is not)(?: been| be)* (?:moved|rescheduled|changed)
        """,
        _C: """
            (?:couldn't|could not|can't|cannot|unable to|wasn't able to|was not able to|failed to|not able to|did not|didn't|haven't|have not)(?: [^ ,]+){0,3}? cancel(?:led|ed)?
            (?:something went wrong|that didn't work|it didn't work|that failed|that did not work)
            (?:appointment|booking)(?: [^ ,]+){0,3}? (?:was not|wasn't|has not|hasn't|could not|couldn't|is not|is still)(?: been| be)* (?:cancel+ed|active|booked)
        """,
    },
    negation=r"""
        not(?! (?:only|just|to worry|a problem|to mention))|never|nothing|none|nobody|no one|neither|nor|without|cannot|unable|hardly
        no(?! (?:problem|worries|later|less|need|longer|more(?! (?:slots|times|free|room|openings|appointments|spots))|trouble|doubt|extra|charge|cost|reason to worry|questions?|matter|,))
        (?!don't (?:worry|forget|hesitate|need)|can't wait|won't (?:regret|be disappointed))[a-z]+n't
        isnt|arent|wasnt|werent|hasnt|havent|hadnt|dont|didnt|doesnt|wont|cant|couldnt
        yet to|nowhere|instead of [a-z]+ing|rather than|(?:would|could|should|might|may|can|must|wish|if i|want to|needs to|need to) (?:have|be|get)|(?<!going )to (?:have|be)
    """,
    openers="""
        (?:want|like|need|prefer|wish) (?:me|us) to
        (?:shall|should|would|could|can|do|does|did|is|are|am|was|were|has|have|will|may|might|which|what|when|where|who|why|how|want|isn't|aren't|won't|wouldn't|haven't) (?:i|we|you|it|that|this|there|the|your|my|0d|0t|one|time|day|of|service|about|would|do|should|shall|can|many|me|to|anything|an?|any)
        (?:want|like|need|prefer) me to|is it|«(?:shall|should|want|would|could|can|do|which|what|when|how)
    """,
    conditions="""
        if|once|unless|until (?:you|then|it|i|we|confirmed|your)|as soon as|when(?:ever)? (?:you|you've|you're|you'd|it|this|that|the|your|we|i|confirmed|we've)|after (?:you|your|that|confirm[a-z]*|tapping|the (?:confirmation|tap|button))|upon|provided|in case|assuming|before (?:you|i|we|it|your|anything|that|the)|as long as|the moment|by (?:tapping|confirming|pressing|clicking)|only then|subject to|would|should you
    """,
    no_condition="""
        (?:when|once|if|as soon as|the moment|whenever)(?: (?:a|an|the|any|another|one|some|that|your))?(?: [a-z]+)? (?:slots?|spots?|times?|seats?|places?|something|anything|openings?|space|appointments?)(?: [a-z]+)?(?: 0d| 0t)* (?:opens?|opened|frees?|freed|becomes?|comes?|gets?|is (?:free|available)|drops?)
        (?:in|at|for) (?:a|the|this) moment|as soon as (?:possible|we can|they can|i can|he can|she can)|
        (?:if|when|in case|should) (?:you|anything|something|there|plans|your plans)(?:'d|'re)? ?(?:need|have(?! (?:confirmed|tapped|pressed|agreed|chosen|accepted))|want|change|changes|comes|is anything|can't|cannot|ever|like to change|decide|wish|prefer|would like to (?:change|cancel|reschedule))
        if (?:needed|necessary|anything|you don't mind|that's okay|i may)|when you (?:arrive|come|get|asked|said|wrote)|(?:before|after|until) (?:0d|0t|then|the|your (?:visit|appointment)(?! is))|(?:day|days|hours?|minutes|evening|night|morning|early or) before|(?:as|when) you (?:confirmed|asked|requested)|once (?:again|more)|upon your request|after all
    """,
    consent="""
        (?:confirm|tap|press|click|hit|agree|accept|approve|say|reply|answer|ok|okay|choose|pick|select|push|touch|give|finish|complete)(?!ed)
        confirmed by you|you've confirmed|you have confirmed|confirmed|approval|confirmation|your (?:ok|okay|yes|go-ahead)|go-ahead|confirming|tapping|pressing|button
    """,
    requests=r"""
        «(?:(?:so|please|just|then|ok|okay|simply|great|sure|and|or|to book|otherwise) )*(?:tell|let me know|let us know|pick|choose|select|send|share|give(?! me (?:a|one|just a) (?:sec|second|moment|minute|min)(?: |$))|say|reply|tap|press|click|hit|confirm|provide|type|write|name|answer)(?! (?:you|i|my)(?: |$))
        (?:just|please|simply) (?:tell|let me know|let us know|pick|choose|select|send|share|give(?! me (?:a|one|just a) (?:sec|second|moment|minute|min)(?: |$))|say|reply|tap|press|click|hit|confirm|provide|type|write|name|answer)
        tap (?:the|on|confirm|below)|give me (?:a|the) (?:name|time|day|date)|i need (?:your|a|to know|the)|say the word|before i
    """,
    refusals="""
        sadly|regrettably|alas
        occupied|fully|always|that day|that morning|that afternoon|all booked|no longer|gone|any more
        already|fully|solid|solidly|completely|unfortunately|afraid|someone|somebody|another (?:customer|client|person|guest|booking|appointment)|other (?:customer|client|person|guest)s?|instead|taken(?! (?:care|off))|(?:booked|reserved|busy|taken|up|occupied)(?: [^ ]+){0,2}? (?:until|till)|no longer|however|but|alternativ\\w*|out|up|back-to-back|all (?:day|morning|afternoon|evening|slots|times|of|the)|most|rest|by (?:others|another|someone)|elsewhere|busy|throughout|unavailable|from 0t
        (?:i'?m |so |very )?sorry ,|sorry(?! (?:for|about))|only
    """,
    taking="booked|reserved|taken(?! care)|scheduled|blocked|grabbed|claimed|filled|secured|held|gone|confirmed|locked",
    policies="""
        students|kids|children|seniors|members
        reminders (?!(?:are|is|have been) (?:now )?(?:off|on|switched|set|turned|in place|active|muted))[^ ]+
        an? (?:visit|booking|appointment|reservation) (?:that|which)
        for ten minutes|lapse|lapses
        (?<!both )(?<!your )(?<!two )(?:appointments|bookings|reservations)|cancell?ations|always|usually|normally|generally|every|each|policy|customers?|clients?|guests?|(?<!other )people|anyone|typically|automatically for|any appointment|the time of booking|free of charge|what happens|works like|how it works|services|prices?
    """,
    reports="""
        you (?:said|wrote|mentioned|asked|told me|think|thought|believe|say|write|want|wanted|wished)|you'?re (?:saying|asking|telling)|according to you|your message|you've (?:said|written|mentioned|asked)|whether|you mean|as if
    """,
    presumed="now that|now your|since you're|since you are|since your|so that's|given that",
    hours="open|opens|opening (?:hours?|times?)|close|closes|closed|closing|hours|working|break|lunch|available from|start at|last (?:appointment|slot|visit)",
    absent="occupied|reserved|full|not|no|never|nothing|none|n't|can't|isn't|aren't|doesn't|don't|won't|cannot|taken|unavailable|(?<!be )booked|busy|full|outside|too (?:soon|late|early|far)|closed|gone|past|passed|unfortunately|instead of|rather than",
    others=r"(?:ahead of|before) you (?:has|did|booked|took|grabbed)|(?:someone|somebody)(?: has)?(?: already| just)? (?:booked|reserved|taken|grabbed|got|has)|(?:of|for) others|other people's|somebody has already|someone has already|somebody already|someone already|somebody has just|someone has just|(?:someone|somebody|anyone|anybody) else|(?:another|(?<!one )(?<!two )(?<!three )other|different) (?:customers?|clients?|persons?|people|guests?)",
    habits=r"always|usually|normally|generally|typically|as a rule",
    free=r"there's|there is|there are|whichever|choose|pick|earliest|first available|next free|would work|would suit|i can (?:book|reserve|hold|put|get|do)|i could (?:book|reserve|hold|put|get|do)|we can (?:book|reserve|hold|put|get|do)|could take you|can take you|takes? you|could fit you|can fit you|something|anything|free|available|availability|open|openings?|(?:free|open|another|any|this|that|a) slots?|space|room|have time|has time|works|possible|bookable|can be (?:booked|had)|you (?:can|could) (?:come|have|take)|offer you|i can offer",
    listing="here (?:are|is|'s)|here's|these are|i (?:found|have|see)|what (?:would|time|day|service)|which|now (?:tell|pick|choose|what|which)|let'?s",
)
