"""Deeds in English that no word list foresees: whatever isn't known to do nothing."""

# ruff: noqa: E501 - a pattern is a line; broken in two it could not be read as one.

from __future__ import annotations

from assistant.turn.claim_words.words import Problem, Shape

LISTS = {
    # What an assistant may have done that leaves the business as it was.
    "idle": r"checked|double-checked|looked|searched|scanned|found|spotted|seen|noticed|read|reviewed|reread|re-read|understood|considered"
    r"|compared|listed|prepared|compiled|gathered|collected|pulled|picked|selected|narrowed|filtered|sketched|drafted|missed|misunderstood|misread|mistaken"
    r"|lost|tried|attempted|heard|received|asked|mentioned|said|explained|described|included|shown|shared|answered|offered|suggested"
    r"|proposed|learned|learnt|realised|realized|thought|needed|wanted|hoped|assumed|meant|apologi[sz]ed|failed|happened|confused"
    r"|limited|unlimited|mixed|dedicated|heated|experienced|qualified|certified|trained|skilled|reduced|extended|detailed|closed|opened"
    r"|used|called|been|counted|repeated|guessed|wondered|loved|enjoyed|appreciated|covered|renovated|expanded|raised|lowered|noted that"
    r"|used to|opted|figured|tailored|sorted (?:them|these|the (?:list|options|times))|put together|brought up|laid out|set out|written out|drawn up|left off|let you know|told you|given you the"
    r"|worked (?:out|here|with)|grown|become|gone (?:through|over|digital|cashless)|run (?:out|into|a)|made (?:a mistake|an error|it|sure)|got|had",
    # What changes something in the business's books, at its desk or in its till, once it is done.
    "deed": r"booked|rebooked|pre-booked|reserved|scheduled|rescheduled|slotted|pencill?ed|squeezed|fitted|secured|locked|held|blocked(?: off| out)?|saved|kept|set(?: up| aside)?|arranged|organi[sz]ed"
    r"|made|created|placed|put|added|entered|inserted|recorded|registered|enrolled|enlisted|signed|noted|logged|marked|jotted|written|wrote|filed|stored|captured|updated|changed|corrected|amended|edited|adjusted|fixed|swapped|replaced"
    r"|switched|moved|shifted|pushed|bumped|bounced|postponed|transferred|relocated|cancel+ed|canceled|removed|deleted|dropped|scrapped|wiped|cleared|freed|released|withdrawn|undone|reversed|voided"
    r"|sent|emailed|e-mailed|texted|messaged|pinged|notified|informed|alerted|told|tipped|warned|briefed|forwarded|passed|relayed|handed|escalated|flagged|raised|reported|delivered|submitted|requested|queued|looped"
    r"|refunded|reimbursed|credited|charged|waived|applied|discounted|deducted|issued|processed|completed|finali[sz]ed|finished|confirmed|approved|accepted|granted|activated|enabled|switched on|turned on|linked|attached|assigned|allocated|handled|sorted|settled|dealt with|taken care of|grabbed|snagged|nabbed|claimed|upgraded|renewed|subscribed|unsubscribed|got|done|took|taken|gave|given|let|left",
    # The same, where a person's having done it would say nothing of a deed.
    "ended": r"active|valid|in force|extended|lengthened|shortened|waitlisted|wait-listed|mailed|merged|split|combined|upgraded|downgraded|muted|silenced|paused|resumed|invoiced|topped up|transferred|amended|swapped over|booked|rebooked|pre-booked|reserved|scheduled|rescheduled|slotted in|pencill?ed in|squeezed in|secured|locked(?: in| down)?|held|blocked(?: off| out)?|saved|set(?: up| aside| in stone)?|arranged|organi[sz]ed"
    r"|made|created|placed|added|entered|recorded|registered|enrolled|signed up|noted(?: down)?|logged|marked(?: down)?|filed|stored|captured|updated|changed|corrected|amended|adjusted|fixed|swapped|replaced"
    r"|switched|moved|shifted|pushed back|bumped|postponed|transferred|cancel+ed|canceled|removed|deleted|dropped|scrapped|wiped|cleared|freed(?: up)?|released|withdrawn|undone|reversed|voided"
    r"|sent(?: off| out| over)?|emailed|texted|messaged|pinged|notified|informed|alerted|told|tipped off|warned|briefed|forwarded|passed (?:on|along)|relayed|handed over|escalated|flagged|raised|reported|delivered|submitted|queued(?: up)?|looped in"
    r"|refunded|reimbursed|credited|waived|applied|deducted|issued|processed|completed?|finali[sz]ed|finished|confirmed|approved|accepted|granted|activated|enabled|switched on|turned on|linked|attached|assigned|allocated|handled|sorted(?: out)?|settled|dealt with|taken care of|squared away|wrapped up|claimed|upgraded|renewed"
    r"|all set|good to go|in place|in the (?:system|diary|calendar|books?|schedule|bag)|on (?:file|the (?:list|books?|calendar|schedule))|on (?:its|their) way|under way|yours|official|live|done|through|no more|off the (?:books?|calendar|schedule|list)|history|locked and loaded",
    "own": r"bookings?|appointments?|reservations?|slots?|spots?|seats?|visits?|haircut|massage|messages?|requests?|refund|receipt|invoice|reminders?|alerts?|notifications?|notes?|name|surname|number|phone|email|address|profile|language|settings|points|fee|charge|deposit|discount|voucher|list|date|time|birthday|complaint|feedback|call|callback|day|0d|0t",
    "calm": r"(?:answered|occupied|engaged|need|indeed|proceed|required|included|needed|allowed|closed|based|understood|located|limited|accepted|welcomed|preferred|recommended|advised|related|interested|confused|excited|supposed|involved|supported|permitted|suggested|offered|provided|asked|wanted|charged|priced|used|expected|noticed|worried|concerned|delighted|pleased|relaxed|recommended|guaranteed|served|staffed|licensed|trained|listed|mentioned|described|checked|searched|looked|missed|failed|declined|bounced|expired|ended|started|happened|arrived|bleed|speed|feed|breed|exceed|succeed)(?![^ ])",
    "then": r"(?:»|(?= (?:for|on|at|to|from|until|till|as|with|under|in|of|and|now|already|through|accordingly|so|since|because)(?: |$))(?! (?:by|for|with) (?:others?|someone|another|somebody)))",
    "mine": r"i'?ve|i have|i|we'?ve|we have|we",
    # What only fills the place between "I" and "have done".
    "filler": r"(?: (?:just|now|already|also|then|gone ahead and|went ahead and|successfully|happily|gladly|quickly|personally|actually|indeed|even|even already|duly|safely|kindly|taken the liberty of|since|instead|both|all|only just|as requested|as asked|right away|immediately|straight away|officially|hereby|so|simply|finally|quietly|carefully|[a-z]+ly))*",
    "yours": r"your (?!requested|preferred|chosen|desired|first|favou?rite|selected|usual)(?:[^ ,;:()—.!?]+ ){1,7}?",
    "to": r"you|your|yours|it|its|that|this|these|those|them|him|her|the|a|an|everything|all|both|0d|0t|one|two|any|another|down|up|in|for|on|to|over|off|out|along|through|back|with|into|under|aside|word|[a-z]+ know|someone|somebody",
    "joint": r"(?:(?:ok|okay|sure|great|perfect|alright|right|lovely|awesome|wonderful|brilliant|excellent|fantastic|super|good news|great news|yes|yep|yup|yay|boom|voila|hooray|done|there|well|so|and|then|all|just|now|also|already|successfully|thanks|thank you|no problem|no worries|of course|absolutely|certainly|officially|consider it|got it|0k) )*",
    "willing": r"i'?ll|i will|i'm going to|i am going to|i'm gonna|let me|lemme|i shall|i'm about to|allow me to",
    # What an assistant may announce, for it changes nothing.
    "look": r"know|check|double-check|look|take a (?:quick )?(?:look|peek|closer look)|see|find|help|assist|show|list|be (?:happy|glad|here|able|brief|honest|quick|right|more than|delighted|clear|sure to (?:check|show|look)|direct|frank|transparent)|need|explain|try|wait|have (?:a|another|to)|have no|give you (?:the|a (?:list|few|quick)|some|an overview|all|more|your options|options|details)|share|tell you|search|get (?:you the|started|the (?:times|list|free|options)|that (?:list|information))"
    r"|walk (?:you )?through|go (?:through|over|with whatever)|ask you|know|bring up|pull|start|suggest|offer|answer|never|not|only|assume|take it (?:one|step|that)|keep (?:it|this|that|looking|searching|things) ?(?:short|simple|brief|looking|in mind)?|stick|point|narrow|stay|leave (?:it|that|the (?:choice|decision))|let (?:me|you) (?:know (?:what|which|how|the|about|if|whether|that)|choose|decide|pick)|present|run (?:through|you through)|clarify|rephrase|summari[sz]e|recap|repeat|guide|propose|recommend|compare|continue|say|mention|think|stop|scan|browse|review|read|gladly|happily|do my best|always|simply need|then (?:show|ask|need|check|list)|also need|just need|first|quickly check|send you (?:the|a) (?:list|options|times|free|link|address|directions|menu|prices?)|lay out|put together|sum up|describe|introduce|outline|break|understand|apologi[sz]e|refer|focus|work (?:with|out)|make (?:this|it) (?:quick|short|simple|easy)|make a (?:suggestion|proposal)|figure|ignore|skip|gather|collect|prepare|draft|pick (?:out|up where)|look into|get (?:a|an|the) (?:overview|idea|sense)|use|reply|respond|speak|talk|switch to (?:english|german|spanish|russian)|write (?:in|shorter)|wish|admit|correct myself|rephrase|love|miss|hear|remember that|speed|dig",
    "people": r"she|he|they|[a-z]+|the (?:[a-z]+ )?[a-z]+|our (?:[a-z]+ )?[a-z]+|someone|somebody|a (?:[a-z]+ )?[a-z]+",
}
_D = Problem.CLAIMS_DEED

CLAIMS = (
    (
        _D,
        Shape.DID,
        r"""
            (?:i'?ve|i have|i had)<filler> (?!(?:<idle>)(?![^ ]))(?:[a-z-]{3,}ed|sent|put|made|told|given|taken|held|kept|written|set|spoken|left|done|let|dealt|paid|brought|gotten|rung|thrown|drawn|laid|cut|got (?:you|your|it|that|this|0d|0t|everything|[a-z]+ to))
            (?:we'?ve|we have)<filler> (?:<deed>) (?:<to>)
            i<filler> (?!did not|let you|(?:<idle>)(?![^ ]))(?:[a-z-]{3,}ed|sent|put|made|told|gave|took|held|kept|wrote|set|spoke|left|did|let|dealt|got (?:you|your|it|that|this|0d|0t|everything|hold)|rang|drew|struck|tore|threw|swapped|caught|had a word|cut|had (?:you|your|it|[a-z]+ put))
            we<filler> (?:<deed>) (?:<to>)
            «<joint>(?!let me|got it|let you|let us)(?:<deed>) (?:you(?:r|rs)?|it|that|this|them|him|her|everything|both|0d|0t|word|[a-z]+ know|an?|the)
            and<filler> (?:<deed>) (?:you(?:r|rs)?|it|that|this|them|him|her|everything|both|0d|0t|word|[a-z]+ (?:know|that)|an?|the)
            and<filler> (?:passed|sent|handed|put|written|wrote|noted|jotted|marked) (?:on|over|in|down|along)
            (?:the|our|my) (?:system|calendar|computer|booking system|app|software|backend|bot)(?: has|'s)?<filler> (?:<deed>) (?:<to>)
            (?:took|taken) the liberty
            «<joint>(?:just )?(?:finished|done) [a-z]+ing
            you (?:should|must) (?:have|already have|now have)(?: [a-z]+)? (?:received|got|gotten|a|an|your|the)
            you(?:'ve| have)?(?: just| now)? (?:grabbed|snagged|took|taken|claimed|secured|bagged|landed|scored|nabbed|won|got yourself|made it (?:in|onto|on to))
            consider (?:[^ ,;:()—.!?]+ ){1,5}?(?:yours|<ended>)
        """,
    ),
    (
        _D,
        Shape.STATE,
        r"""
            (?!(?:you|i|we|it|that|this|which|what|who|the|there|she|he)(?: |$))[a-z]+(?:'ll| will)(?: also| then| just)? (?:phone|call|ring|write|text|contact|message|email|get back|be in touch|reach out|answer|reply|expect|be waiting|wait for)
            expect (?:our|a|the|his|her|their|one)(?: [a-z]+)? (?:call|message|reply|text|answer|email)
            (?:they|she|he|everyone|everybody|[a-z]+ and [a-z]+)(?:'re| are|'s| is)? (?:all )?(?:aware|informed|briefed|in the loop|in the picture)
            0d (?:replaces|instead of|in place of|takes the place of)(?: the)? 0d
            (?:first|among the first|one of the first) to (?:know|hear|be told|learn)
            (?:included in|part of|added to|belongs to|comes with) your (?:visit|appointment|booking|session)
            (?:phone|mobile|telephone) (?:will|'ll) (?:buzz|ring|beep|vibrate|chime)
            (?:invoice|receipt|bill|confirmation|message|email|note|details|data|form|request|order)(?: [^ ,;:()—.!?]+){0,2}? (?:went|came|made it|arrived|landed|flew)(?: [^ ,;:()—.!?]+){0,2}? (?:out|in|into|through|to|at)
            (?:came|comes|come|taken|knocked|shaved) off (?:the|your) (?:price|bill|total)
            (?:it|that|this|everything|all of it|<yours>)(?:'s| is| has been| was| are| have been| were| got| has| is being| gets| stays| remains)<filler> (?:<ended>)<then>
            (?:kept|held|reserved|blocked|saved|set aside|booked|confirmed|secured|waiting|free)(?: (?:free|open|warm|back|now|safe))? (?:for you|under your name|in your name|on your behalf)(?! (?:once|if|when|as soon))
            «<joint>(?!noted|accepted|understood|finished)(?:<ended>)»
            (?:is|sits|lies|landed|lands|waits|rests) (?:now |already )?(?:with|on the desk of) (?:the |our |my )?(?:<staff>)
            (?:now|already) (?:shows|appears|reads|lists|goes|stands|runs|lives|sits)
            «(?:and )?(?:i (?:already )?(?:have|did)|already did|did it|done it|already have)»
            (?:both|all of (?:them|it)|they(?:'re| are)(?: both| all)?) (?:are )?(?:gone|off|out|cleared|wiped)
            (?:all|everything|your (?:calendar|week|day|schedule))(?:'s| is| has been)? (?:clear|cleared|wiped|empty)(?: now)?»
            others?(?: (?:now|can|will|people))* (?:see|can't|cannot|no longer)
            (?:for|to) (?:others|everyone else|anyone else|other people)(?: [^ ,;:()—.!?]+){0,6}? (?:taken|blocked|unavailable|gone|closed|hidden|booked|shut)
            (?:taken|blocked|unavailable|closed|hidden|available|free|open)(?: (?:again|now))* (?:for|to) (?:others|everyone else|anyone else|other people)
            (?:we|i)(?: now| already| currently| do)*(?: have|'ve got)(?: now)? you (?:as|down|in|at|on|for|under|with|listed|marked|0d|0t|registered|noted)
            (?:no longer|not any more) (?:on|in) (?:the|our) (?:books?|calendar|schedule|diary|list)
            <yours>(?:is|has been|was|are|have been|were|'s)<filler> (?:<ended>)
            (?:you're|you are|you've been|you have been|u r|ur)<filler> (?:(?<=now )(?!ready|able|free|looking|welcome)[^ ]+|in(?: the (?:book|system|diary|calendar))?|down|set|sorted|locked in|on the list|on our list|all good|good|covered|confirmed|booked|expected|enrolled|registered|scheduled|signed up|added|next in line|first in line|in line|number [^ ]+ (?:on|in)|penned in|penciled in|pencilled in|rebooked|moved|cancel+ed|refunded|unsubscribed|subscribed)(?! (?:need|trouble|doubt|to|a rush|luck|hurry|case|touch|idea|with (?:that|it)))
        """,
    ),
    (
        _D,
        Shape.THING,
        r"""
            (?:all|both|the (?:[^ ,;:()—.!?]+ ){1,5}?(?<!0d )|(?:0d|0t)(?: (?!is|was|has|are)[^ ,;:()—.!?]+){0,3}?|name|note|which|they)(?:'s| is| has been| was| are| have been| were| got| has| is being| gets)<filler> (?:<ended>)<then>
            «<joint>(?!how|what)(?:[^ ,;:()—.!?]+ ){1,4}?(?:is|are|was|were|has been|have been|has now been|have now been)<filler> (?:<ended>)(?: off| on)?<then>
            «<joint>(?!happy|glad|how|what|fully|almost|nearly|already|most|few)(?:[^ ,;:()—.!?]+ ){1,4}?(?:<ended>)<then>
            «<joint>(?:[^ ,;:()—.!?]+ ){0,3}?(?:<own>) (?!<calm>)[a-z]{2,}[^e]ed<then>
            «<joint>(?:<ended>) (?:to|from|for|with|by|in|on|until|as|into|under|off|along|over|out|now|accordingly|through)(?! (?:others?|someone|another|everyone))
        """,
    ),
    (
        Problem.CLAIMS_BOOKING,
        Shape.ASSUMED,
        r"""
            (?:cancel|cancel+ing|call off|calling off|drop)(?: (?:your|the|that|this|it|my))+
            (?:not|[a-z]+n't|never)(?: been| yet| even)* (?:moved|cancel+ed|changed|touched|rescheduled)
            nothing(?:'s| has| was| is)?(?: been)? (?:changed|moved|different|cancel+ed)
            (?:apart from|besides|other than|except for|except) (?:your|the|that)
        """,
    ),
    (
        Problem.CLAIMS_BOOKING,
        Shape.STATE,
        r"""
            (?:appointment|booking|reservation|see|find|with|it's|is) (?:is )?(?:only |just )?(?:number|no|nr) [0-9]+
            the only (?:booking|appointment|reservation|thing)(?: (?!left|free|available|open|possible)[^ ,;:()—.!?]+){0,8}? (?:is|for you)
            what you(?:'ve| have)(?: got)? (?:booked|reserved|coming up)
        """,
    ),
    (
        _D,
        Shape.DONE,
        r"""
            (?:no one|nobody|none|noone) else(?: [^ ,;:()—.!?]+){0,3}? (?:take|have|get|book|grab|snatch|use)
            won't (?:go|be given|be offered) to (?:anyone|someone|others)
            nothing (?:else|more|further|left)? ?(?:is |to |for you to |you need to )*(?:do|needed|required|pay|worry about)
            (?:no|nothing)(?: more| further| other)? (?:reminders?|messages?|notifications?|alerts?|fees?|charges?|emails?)(?: [^ ,;:()—.!?]+){0,2}? (?:will|from us|for you|any more)
            nothing (?:will|has) been? ?charged|nothing will be charged|won't be charged
            (?:won't|will not) (?:find|see|have|appear)(?: [^ ,;:()—.!?]+){0,3}? (?:in|on) (?:your|the|our) (?:calendar|list|books?|schedule)
            forget (?:about )?the (?:fee|charge|penalty)|the (?:fee|charge|penalty) is (?:forgotten|off|gone)
        """,
    ),
    (
        _D,
        Shape.WILL,
        r"""
            (?:we'll|we will|we're going to|we are going to)<filler> (?:write|text|ping|message|let you know|tell you|keep|hold|send|be in touch|notify|get (?:back|in touch|you|it|that)|call|ring|phone|remind|nudge|pass|forward|refund|credit|waive|add|put|note|make sure|save|reserve|set|move|shift|swap|cancel|remove|update|change|take care|sort|handle|arrange|have (?:it|that|you|your)|see to|contact|inform|alert)
            (?:<willing>)<filler> (?!(?:<look>)(?![^ ]))[a-z-]+
        """,
    ),
)

# What belongs to the customer, or is about to reach them.
MATTERS = r"""
    your (?!preferred|requested|usual|chosen|desired|favou?rite|own|budget|choice)(?:[^ ,;:()—.!?]+ ){0,3}?(?:appointment|booking|reservation|visit|session|slot|spot|seat|place|chair|time|haircut|massage|cut|trim|manicure|pedicure|facial|colou?r|treatment|class|lesson|table|bay|request|message|note|complaint|feedback|concern|question|number|phone|e-?mail|address|name|details|profile|file|account|record|invoice|receipt|voucher|bill|refund|deposit|money|payment|card|discount|fee|reminder|confirmation|cancell?ation|change|stylist|barber|allergy|preference|0t|0d)
    (?:the|this|that|both|these|an?|no) (?:[^ ,;:()—.!?]+ ){0,2}?(?:booking|reservation|appointment|slot|spot|seat|chair|refund|fee|discount|reminder|confirmation|entry|hold|cancell?ation|move|switch|waitlist|waiting list|wait list|queue|text|sms|email|e-mail|message|note|voucher|deposit|callback|heads-up|swap)
    you'?(?:ll| will) (?!need|have|find|love|like|want|notice|pay|only|get|receive|see|be (?:able|fine|asked|in good|given|offered|served))[^ ]+
    you'?(?:ll| will)(?: also| then)? (?:get|receive|have|see|find) (?:[^ ,;:()—.!?]+ ){0,4}?(?:reminders?|messages?|confirmation|text|sms|call|callback|e-?mail|note|notification|alert|refund|money|deposit|receipt|invoice|voucher|answer|reply|appointment|booking|slot|spot|seat|place|chair|anna|0d|0t|it|in your)
    you (?:no longer|now|already|officially) [^ ]+
    (?:the|our|my) (?:[a-z]+ )?(?:team|manager|owner|boss|staff|stylist|barber|colleagues?|desk|reception|receptionist|office|supervisor|salon|studio|crew|therapist|support)(?:'s|'ll| has| have| knows?| will| is| are| was| got| gets)
    [a-z]+ (?:knows|is aware|expects you|awaits|has you|will see you|is expecting|has your|is ready for you|has (?:it|this|that)|is on it|'s on it)
    (?:someone|somebody|they|she|he)(?:'ll| will| have|'ve| know| has|'s (?:got|on|been))
    (?:i'm|i am) (?!happy|glad|sorry|afraid|not|unable|here|just|only|an?|the|your|checking|looking|able|delighted|pleased|sure|curious|wondering|asking|seeing|showing|talking|referring|open|ready)[^ ]+
    (?:for|to|under|with|on|in) (?:you|your (?:name|behalf|account|side|end))»
    no one else|nobody else|nothing (?:else|more|further|left)
    (?:it|this|that|the [a-z]+|your [a-z]+) no longer [a-z]+
    (?:no longer|from now on|going forward|with immediate effect|effective immediately)
    (?:it|that|this|everything)(?:'s| is) (?:still|now|already|officially|as good as|all)
    you'?(?:re| are) (?:now|already|officially|still|all|both|currently|with|at|on|in) [^ ]+
    (?:alerts?|notifications?|pings?|nudges?|alarm|heads-up|points?|balance|credit|birthday)
    (?:it|that|this|the [a-z]+) (?:still )?(?:stands|remains|stays)
    see you|can't wait|looking forward|look forward
    (?:second|third|fourth|fifth|first|next|number [^ ]+|[0-9]+(?:st|nd|rd|th)?) (?:in|on) (?:the |our )?(?:line|queue|list|waitlist)
    (?:booking|reservation|confirmation|reference|appointment|order|ticket|case) ?(?:number|no|code|id|ref|reference|#)?(?= [:#]| [a-z]?[0-9])
    just finished|all finished|all yours|as good as
    (?:0d|0t|it|that|this) (?:it is|is on|is off|became|becomes|has become|now (?:is|belongs)|belongs|goes|went)
"""
# What makes of a clause about it something else than news.
HARMLESS = r"""
    popular|long|short
    (?:<willing>)(?:<filler>) (?:<look>)|located|i help|assistant|i'd|we'd
    failed|declined
    can|could|would|may|might|should|must|needs?|needed|requires?|required|want|wish|like|prefer|preferred|interested|if|once|unless|whether|until you|when you|please|tap|press|click|choose|pick|tell|let me know|which|what|how|where|who|why
    not|[a-z]+n't(?<!can't)|can't(?! wait)|cannot|no(?! one else| longer)|nothing(?! else| more| further| left)|never|nobody(?! else)|none|unfortunately|sorry|afraid|apolog[a-z]+|regret
    usually|always|normally|generally|typically|every|each|any|anyone|per|policy|terms|rules?|customers?|clients?|guests?|people
    free|available|availability|open|openings?|options?|taken|gone|full|busy|costs?|prices|price (?:is|of|for|list)|priced|takes?|lasts?|in advance|depends?|unclear|mean|meant|understand|thanks?|thank you|about|regarding|ask|asking|asked|welcome|help|waiting for your|awaiting your|pending|button|below|above|summary|proposal|draft|suggest[a-z]*|idea|perhaps|maybe|how about|possible|between|include[sd]?|includes|called|cash
    to (?:book|cancel|move|reschedule|confirm|change|make|reserve|get|be|have|see|do|find|help|make|join)
    you(?:'d| would| could| can| might| may)|in mind|looking for|right for you|best for you|up to you|suits? you|works? for you|good (?:choice|question|news for)
"""
# Small words by which the language is known.
SMALL = (
    "the you your i is are at for to and we have has it on with of will been i've you're it's "
    "i'll that this in be me my from what which would can our not no do if an as by so now just "
    "all or was about any"
)
# The business's own.
HOUSE = r"our (?!team|manager|owner|boss|system|list|calendar|books?|schedule|diary|desk|reception|receptionist|staff|colleagues?|waiting|waitlist|end|side|records?|files?)[^ ]+|prices?|opening hours|our hours|menu|website|premises|[^ ]+ (?:lane|street|road|avenue|square|station)|salon is"
