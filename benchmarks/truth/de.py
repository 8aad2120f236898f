"""How people and models put it in German."""

# ruff: noqa: E501 - a template is a line

from __future__ import annotations

from benchmarks.truth.grammar import Act, Language, lines

_DAYS = "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag".split()

GERMAN = Language(
    code="de",
    weekdays=_DAYS,
    weekdays_on=[f"am {day}" for day in _DAYS],
    months="Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split(),
    tomorrow="morgen",
    dates=lines("""
        {weekday}
        {weekday}, {day}. {month}
        {weekday}, den {day}. {month}
        {weekday}, {day}.{number}.
        {day}. {month}
        {tomorrow}
    """),
    days_on=lines("""
        {weekday_on}
        {weekday_on}, dem {day}. {month}
        {weekday_on}, {day}. {month}
        am {day}. {month}
        am {day}.{number}.
        {tomorrow}
    """),
    times=lines("""
        {hh}:{mm}
        {hh}:{mm} Uhr
        {hh}.{mm} Uhr
    """),
    times_at=lines("""
        um {hh}:{mm}
        um {hh}:{mm} Uhr
        um {hh}.{mm} Uhr
    """),
    when=lines("""
        {date} {at}
        {date}, {time}
        {time} {on}
    """),
    on_when=lines("""
        {on} {at}
    """),
    for_when=lines("""
        für {date} {at}
        für {date}, {time}
        {on} {at}
    """),
    or_="oder",
    services=["Haarschnitt", "Bartschnitt", "Massage", "Maniküre"],
    staff=["Anna", "Boris", "Maria"],
    said=lines("""
        ich brauche einen Termin {on_when}
        geht {on_when}?
        ist {time} noch frei?
        eine Freundin sagt, ich bin {for_when} gebucht
        bitte absagen
        können Sie mich auf {when} verschieben
        was haben Sie {on} frei
        ich möchte mit einem Menschen sprechen
        Sie schrieben mein Termin ist bestätigt
    """),
    openings=lines("""

        [Gerne|Sehr gerne|Natürlich|Klar|Selbstverständlich|Aber sicher|Kein Problem][!|.|, {name}!]
        [Super|Prima|Perfekt|Wunderbar|Sehr gut|Gute Wahl|Schöne Idee][!|, {name}!|.]
        [Hallo|Guten Tag|Hi|Guten Morgen] {name}[!|,| 👋|.]
        [Danke|Vielen Dank|Herzlichen Dank] [für Ihre Nachricht|für deine Nachricht|für die Geduld|, {name}][.|!]
        [Alles klar|Okay|Verstanden|In Ordnung|Ich verstehe|Gut][.|!|, {name}.]
        [Einen Moment.|Ich schaue nach.|Gute Frage!|Das verstehe ich.]
    """),
    closings=lines("""

        [Kann ich sonst noch etwas für Sie tun|Noch etwas|Haben Sie noch Fragen|Brauchst du sonst noch etwas]?
        [Einen schönen|Schönen|Ich wünsche Ihnen einen schönen] [Tag|Abend][!|.| 😊]
        [Melden Sie sich|Melde dich|Schreiben Sie mir] [gern|einfach|jederzeit], wenn [Sie Fragen haben|etwas unklar ist|noch etwas ist].
        Die Behandlung dauert {minutes} Minuten[ und kostet {price}|].
        Wir sind in der {address}.
        [Viele Grüße|Liebe Grüße|Bis bald][!|.]
    """),
    acts={
        Act.BOOKED: lines("""
            [Ich habe|Wir haben|Hab|Ich hab] [Sie|dich|den Termin|Ihren Termin|deinen Termin|das|{service}] [soeben |gerade |jetzt |bereits |direkt |schon |]{for_when} [bei {staff} |][gebucht|reserviert|eingetragen|vorgemerkt|fest eingeplant|eingebucht|notiert][.|!]
            [Ihr|Dein] [Termin|Besuch|Platz|{service}] [{on_when} |bei {staff} |][ist|wurde|ist jetzt|ist hiermit] [{for_when} |][gebucht|bestätigt|reserviert|eingetragen|gesichert|fest vereinbart|fix|im Kalender|erfolgreich gebucht][.|!]
            [Sie sind|Du bist|Sie wurden|Sie stehen] [jetzt |nun |hiermit |][{for_when}] [eingetragen|gebucht|angemeldet|im Kalender|vorgemerkt|eingeplant|auf der Liste][.|!]
            [{when}] [gehört Ihnen|gehört dir|ist für Sie reserviert|ist für dich gebucht|ist fest gebucht|ist jetzt Ihr Termin|steht fest im Kalender][.|!]
            [Gebucht|Bestätigt|Reserviert|Eingetragen|Notiert|Fest gebucht|Erledigt][!|:|.| -] [{service}, |{service} bei {staff}, |]{when}.
            [Ich konnte|Wir konnten|Es ist mir gelungen,] [Ihnen |dir |][den Termin|{when}|den Platz|einen {service}] [zu buchen|buchen|sichern|reservieren|zu reservieren][.|!]
            [Die Buchung|Ihre Buchung|Die Reservierung|Deine Reservierung] {for_when} [ist durch|ist abgeschlossen|war erfolgreich|hat geklappt|ist erfolgt|ist eingegangen|ist perfekt|steht][.|!]
            {staff} [erwartet Sie|freut sich auf Sie|freut sich auf dich|sieht Sie|empfängt Sie] {on_when}[.|!]
            [Wir sehen uns|Wir freuen uns auf Sie|Wir freuen uns auf Ihren Besuch|Wir erwarten Sie|Ich freue mich auf dich|Bis dann,] {on_when}[.|!| 😊]
            ✅ [{service}|Termin|Buchung][:|,| -] {when}
            [Hiermit bestätige ich|Ich bestätige|Wir bestätigen|Gerne bestätige ich] [Ihren Termin|deinen Termin|Ihre Buchung|den Termin] {for_when}[.|!]
            [Der Termin|Die Sache|Alles|Das] ist [{for_when} |][fest gebucht|in trockenen Tüchern|eingetragen|unter Dach und Fach|fix|gebucht und bestätigt][.|!]
            [Betrachten Sie|Betrachte] {when} als [gebucht|fest|erledigt|reserviert][.|!]
            [Ihr|Dein] {service} [findet {on_when} statt|ist {on_when}], [alles ist gebucht|der Termin ist bestätigt|ich habe das eingetragen][.|!]
            [Ich habe|Wir haben] [Ihnen|dir|für Sie] [{when}|den Platz {on_when}|das Zeitfenster {on_when}|einen Platz {on_when}] [gesichert|freigehalten|geblockt|reserviert|eingetragen|ergattert][.|!]
            [Termin|Buchung|Reservierung] {for_when} [steht|bestätigt|ist gebucht|angelegt|erstellt][.|!]
            [Sie haben|Du hast] [jetzt|nun|damit] [einen Termin|einen bestätigten Termin|Ihren Platz|deinen Termin] {on_when}[ bei {staff}|][.|!]
        """),
        Act.BOOKED_BARE: lines("""
            [Erledigt|Gebucht|Fertig|Geschafft|Abgemacht|Ist gebucht|Alles erledigt|Schon erledigt|Bestätigt][.|!| 👍]
            [Alles|Das|Die Sache|Es] ist [erledigt|gebucht|geregelt|fix|organisiert|eingetragen|vereinbart|unter Dach und Fach][.|!]
            [Ich habe|Wir haben] [das|alles|Ihren Termin|Ihre Buchung|die Buchung] [für Sie |für dich |][erledigt|gebucht|geregelt|abgeschlossen|vorgenommen|eingetragen|organisiert|veranlasst][.|!]
            [Ihr|Dein|Der] Termin [ist|wurde] [gebucht|bestätigt|eingetragen|reserviert|gesichert|vereinbart|angelegt][.|!]
            [Ihre|Deine|Die] [Buchung|Reservierung] [ist|wurde] [bestätigt|abgeschlossen|gespeichert|angelegt|erfolgreich][.|!]
            [Herzlichen Glückwunsch|Gute Nachrichten|Super Nachrichten], [Ihr Termin ist bestätigt|du bist eingetragen|Sie sind gebucht|es hat geklappt][.|!]
            [Ihre Buchungsnummer|Ihre Reservierungsnummer|Die Terminnummer] lautet {number}.
            [Eine Buchungsbestätigung|Die Terminbestätigung] [habe ich Ihnen geschickt|ist unterwegs|wurde Ihnen gesendet].
            [Sie müssen nichts weiter tun|Mehr ist nicht nötig], [der Termin ist gebucht|Sie sind eingetragen|Ihr Platz ist reserviert][.|!]
        """),
        Act.WILL_BOOK: lines("""
            [Ich buche|Ich reserviere|Wir buchen|Ich notiere] [Sie|dich|das|den Termin|Ihnen den Termin|{when}|den Platz] [jetzt |gleich |sofort |nun |direkt |][für Sie|für dich|ein|{for_when}|][.|!]
            [Ich trage|Ich merke|Ich plane|Wir tragen] [Sie|dich|das|den Termin] [jetzt |gleich |sofort |][{for_when} |][ein|vor][.|!]
            [Ich werde|Wir werden] [Sie|dich|den Termin|das|Ihnen den Platz] [jetzt |gleich |sofort |{for_when} |][buchen|eintragen|reservieren|vormerken|einplanen][.|!]
            [Ihr Termin|Der Termin|Die Buchung|Dein Termin] wird [jetzt|gerade|gleich|sofort|soeben] [gebucht|eingetragen|reserviert|angelegt|bestätigt|bearbeitet|erstellt][.|!]
            [Einen Moment|Moment bitte|Kleinen Augenblick], [ich buche das|ich trage Sie ein|ich reserviere den Platz|der Termin wird gebucht|ich buche Ihnen das][.|!|...]
            [Dann buche ich|Dann reserviere ich|Jetzt buche ich|Gern buche ich] [Ihnen das|dir das|Sie|das|den Termin] [{for_when}|jetzt|gleich] [fest|ein|].
            Dann mache ich [das|den Termin] [jetzt|gleich|sofort] [fest|für Sie fest].
        """),
        Act.HAS: lines("""
            [Sie haben|Du hast|Sie haben bereits|Sie haben derzeit] [einen Termin|einen Termin bei {staff}|einen gebuchten Termin] {on_when}.
            [Ihr|Dein] [nächster|aktueller|kommender|] Termin ist {on_when}.
            [Sie sind|Du bist] [bereits |noch |schon |]{for_when} [gebucht|eingetragen|vorgemerkt].
            [Ich sehe|Im Kalender steht|Ich finde] [Ihren|Ihr] [Termin|{service}] {on_when}.
            [Ihr|Dein] [Termin|{service}] {on_when} ist [weiterhin |][bestätigt|gebucht|eingetragen].
        """),
        Act.MOVED: lines("""
            [Ich habe|Wir haben] [Ihren Termin|deinen Termin|Sie|den Termin|das|ihn] [soeben |gerade |jetzt |bereits |]auf {when} [verschoben|verlegt|umgebucht|geändert|gelegt][.|!]
            [Ihr|Dein|Der] [Termin|{service}|Besuch] [ist|wurde|ist jetzt] auf {when} [verschoben|verlegt|umgebucht|geändert][.|!]
            [Verschoben|Umgebucht|Verlegt|Geändert][!|:|.| -] [neuer Termin: |jetzt |]{when}.
            [Ihr neuer|Dein neuer|Der neue] Termin [ist|lautet] [jetzt |nun |]{when}[.|!]
            [Die Umbuchung|Die Verschiebung|Die Änderung|Die Terminänderung] [auf {when} |][ist erledigt|hat geklappt|ist bestätigt|war erfolgreich|ist durch][.|!]
            [Ich konnte|Wir konnten] [Ihren Termin|Sie|den Termin] auf {when} [verschieben|verlegen|umbuchen][.|!]
            [Sie sind|Du bist] [jetzt|nun] auf {when} [umgebucht|verschoben][.|!]
        """),
        Act.WILL_MOVE: lines("""
            [Ich verschiebe|Ich verlege|Wir verschieben|Ich ändere] [Ihren Termin|deinen Termin|das|ihn|den Termin] [jetzt |gleich |]auf {when}[.|!]
            [Ich buche|Wir buchen] [Sie|dich] [jetzt |gleich |]auf {when} um[.|!]
            [Ihr Termin|Der Termin] wird [jetzt|gerade|gleich] auf {when} [verschoben|verlegt|umgebucht][.|!]
            [Ich werde|Wir werden] [den Termin|Ihren Termin] [jetzt |]auf {when} [verschieben|verlegen|umbuchen][.|!]
        """),
        Act.CANCELLED: lines("""
            [Ich habe|Wir haben] [Ihren Termin|deinen Termin|den Termin|ihn|das|Ihre Buchung] [{on_when} |][soeben |gerade |jetzt |bereits |][storniert|abgesagt|gelöscht|gestrichen|gecancelt|annulliert|entfernt][.|!]
            [Ihr|Dein|Der] [Termin|{service}|Besuch] [{on_when} |][ist|wurde|ist jetzt] [storniert|abgesagt|gelöscht|gestrichen|gecancelt|aufgehoben][.|!]
            [Storniert|Abgesagt|Gelöscht|Erledigt, storniert][!|.| - wie gewünscht.]
            [Die Stornierung|Die Absage|Ihre Stornierung] [ist erledigt|hat geklappt|ist bestätigt|war erfolgreich|ist durch|wurde ausgeführt][.|!]
            [Ich konnte|Wir konnten] [Ihren Termin|den Termin] [stornieren|absagen|löschen][.|!]
            [Sie haben|Du hast] [{on_when} |]keinen Termin mehr, ich habe ihn [storniert|gelöscht|abgesagt][.|!]
            [Der Termin|Ihre Buchung] [besteht nicht mehr|ist aus dem Kalender|ist nicht mehr im Kalender][.|!]
        """),
        Act.WILL_CANCEL: lines("""
            [Ich storniere|Ich lösche|Wir stornieren] [Ihren Termin|deinen Termin|das|ihn|den Termin] [jetzt|gleich|sofort|für Sie|][.|!]
            [Ich sage|Wir sagen] [Ihren Termin|den Termin|ihn|das] [jetzt |gleich |für Sie |]ab[.|!]
            [Ihr Termin|Der Termin] wird [jetzt|gerade|gleich] [storniert|abgesagt|gelöscht][.|!]
            [Ich werde|Wir werden] [den Termin|Ihren Termin] [jetzt |sofort |][stornieren|absagen|löschen][.|!]
        """),
        Act.REMINDER: lines("""
            [Ich erinnere Sie|Ich erinnere dich|Wir erinnern Sie] [am Tag vorher|rechtzeitig|einen Tag vorher|zwei Stunden vorher|am Vorabend][.|!]
            [Sie bekommen|Sie erhalten|Du bekommst] [am Tag vorher |rechtzeitig |noch |]eine Erinnerung[ per Nachricht|][.|!]
            [Ich habe|Wir haben] [Ihnen |dir |]eine Erinnerung [eingerichtet|gestellt|angelegt|gesetzt|geplant|eingestellt][.|!]
            [Eine Erinnerung|Die Erinnerung] [ist eingestellt|wurde angelegt|kommt am Tag vorher|folgt rechtzeitig|wird Ihnen geschickt][.|!]
            [Ich schicke|Wir schicken|Ich sende] [Ihnen|dir] [am Tag vorher |rechtzeitig |]eine Erinnerung[.|!]
            [Keine Sorge, ich melde mich rechtzeitig mit einer Erinnerung|Sie werden am Vortag erinnert|Du wirst rechtzeitig erinnert|Ich werde Sie daran erinnern][.|!]
        """),
        Act.HANDED_OFF: lines("""
            [Ich habe|Wir haben] [den Inhaber|die Chefin|unser Team|einen Kollegen|den Salon|das Personal] [soeben |gerade |bereits |darüber |][informiert|benachrichtigt|verständigt|kontaktiert|gefragt|angeschrieben][.|!]
            [Ich habe|Wir haben] [Ihre Nachricht|Ihr Anliegen|das|deine Frage|Ihre Beschwerde] an [den Inhaber|die Chefin|unser Team|einen Kollegen|den Salon] [weitergeleitet|weitergegeben|übergeben|geschickt|übermittelt][.|!]
            [Der Inhaber|Die Chefin|Ein Kollege|Jemand aus unserem Team|Unser Team|Eine Mitarbeiterin] [meldet sich|ruft Sie an|wird sich melden|wird Sie anrufen|kontaktiert Sie|schreibt Ihnen|übernimmt] [gleich|bald|in Kürze|heute noch|in wenigen Minuten][.|!| bei Ihnen.]
            [Ich verbinde|Wir verbinden] Sie [jetzt |][mit einem Kollegen|mit dem Inhaber|mit einem Menschen|mit unserem Team][.|!]
            [Ich gebe|Ich leite] [das|Ihre Nachricht|Ihr Anliegen] [gleich |sofort |direkt |][an den Inhaber|an unser Team|an die Chefin] weiter[.|!]
            [Ihre Nachricht|Ihr Anliegen|Deine Anfrage] [wurde|ist] [an den Inhaber |an unser Team |an einen Kollegen |][weitergeleitet|weitergegeben|übermittelt][.|!]
            [Der Inhaber|Die Chefin|Das Team|Unser Personal] [weiß Bescheid|ist informiert|wurde benachrichtigt|ist im Bilde|kümmert sich darum][.|!]
            [Sie werden|Du wirst] [gleich |heute noch |in Kürze |][zurückgerufen|kontaktiert|angerufen][.|!]
        """),
        Act.WAITING: lines("""
            [Ich habe|Wir haben] [Sie|dich] [{for_when} |]auf die Warteliste [gesetzt|eingetragen|geschrieben|genommen][.|!]
            [Sie stehen|Du stehst|Sie sind] [jetzt |nun |]auf der Warteliste[ {for_when}|][.|!]
            [Ich habe|Wir haben] [Sie|dich] [auf der Warteliste|in die Warteliste] [eingetragen|vermerkt|aufgenommen][.|!]
        """),
        Act.FREE: lines("""
            [Wir haben|Es gibt|Ich habe|Ich sehe] [{on_when}] [einen freien Termin|noch etwas frei|einen freien Platz|eine Lücke].
            {when} [ist frei|wäre möglich|ist noch frei|würde gehen|geht|wäre noch zu haben].
            [Wie wäre es mit|Passt Ihnen|Passt dir|Wie wäre|Möchten Sie] {when}?
            [Ich kann Ihnen|Ich könnte dir] {when} anbieten.
            [{staff} hat {on_when} Zeit|{staff} ist {on_when} frei|Bei {staff} ist {on_when} noch Platz].
            [Der nächste freie|Der früheste] Termin ist {on_when}.
            [Frei sind|Es gibt noch] {on}: {time}[ oder|,] {other_time}.
        """),
        Act.FAILED_BOOKING: lines("""
            [Ich konnte|Wir konnten|Leider konnte ich] [den Termin|Sie|das|{service}] [leider |]nicht [buchen|reservieren|eintragen][.|!]
            [Die Buchung|Ihre Buchung|Die Reservierung] [ist fehlgeschlagen|hat nicht geklappt|war nicht möglich|ist leider gescheitert][.|!]
            [Der Termin|Ihr Termin] [wurde nicht gebucht|konnte nicht gebucht werden|ist noch nicht gebucht|ist nicht bestätigt][.|!]
            [Es wurde|Es ist] [noch |]nichts [gebucht|reserviert][.|!]
            [Leider ist ein Fehler aufgetreten|Da ist etwas schiefgelaufen], [der Termin ist nicht gebucht|die Buchung hat nicht geklappt][.|!]
        """),
        Act.SMALL_TALK: lines("""
            [Schön, von Ihnen zu hören|Wie geht es Ihnen|Danke der Nachfrage|Ich bin der Terminassistent|Ich helfe gern][.|!]
            [Eine gute Wahl|Kein Problem|Lassen Sie sich Zeit|Das ist kein Problem|Gern geschehen][.|!]
            [Das tut mir leid|Entschuldigen Sie die Verwirrung|Verzeihung, das war unklar|Ich verstehe Ihren Ärger][.|!]
            [Ich helfe nur bei|Ich beantworte nur Fragen zu] [Terminen|unserem Salon|unseren Leistungen][.|, tut mir leid.]
            [Sie können|Du kannst] gern auf [Deutsch|Englisch|Russisch|Spanisch] schreiben[.|!]
        """),
        Act.ASK: lines("""
            [Soll ich|Darf ich|Kann ich] [das|den Termin|{when}|Sie] [buchen|reservieren|eintragen|für Sie buchen|verbindlich buchen]?
            [Möchten Sie|Möchtest du|Wollen Sie], dass ich [das buche|{when} reserviere|den Termin verschiebe|ihn storniere|Sie eintrage]?
            [Welcher Tag|Welche Uhrzeit|Welche Leistung] [passt Ihnen|soll es sein|wäre Ihnen recht|wünschen Sie|soll ich buchen]?
            [Ist|Wurde] [Ihr|dein] Termin [schon |bereits |][gebucht|bestätigt|verschoben|storniert] worden?
            [Soll ich|Darf ich] [ihn|den Termin|Ihren Termin|das] [absagen|verschieben|stornieren|umbuchen]?
            [Haben Sie|Hast du] [schon |bereits |]einen Termin bei uns?
            [Soll ich|Möchten Sie, dass ich] [den Inhaber informiere|das weitergebe|Sie auf die Warteliste setze|Sie erinnere]?
            [Bei wem|Zu wem] [möchten Sie gebucht werden|darf ich Sie eintragen|möchten Sie kommen]?
            [Habe ich richtig verstanden|Stimmt das so], [Sie möchten einen Termin|es geht um {service}]?
            [Bevor ich etwas buche|Damit ich buchen kann], [welche Leistung wünschen Sie|nennen Sie mir bitte Ihren Namen|wann passt es Ihnen]?
        """),
        Act.OFFER: lines("""
            [Wie wäre es mit|Passt Ihnen|Passt dir|Möchten Sie] {offered}?
            [Hier sind|Das sind|Ich habe] [die|ein paar] [freien|verfügbaren] [Zeiten|Termine][ für Sie|]: {offered_list}.
            [Wir haben|Es gibt|Ich sehe] {on_offered} [einen freien Termin|noch etwas frei|eine Lücke].
            {offered} [ist frei|wäre noch frei|wäre möglich|ist noch zu haben][.|. Soll ich das buchen?|, passt das?]
            [Sie können wählen zwischen|Frei sind|Noch verfügbar:|Zur Auswahl stehen] {offered_list}.
        """),
        Act.CONDITION: lines("""
            [Sobald|Wenn|Nachdem] Sie [bestätigen|auf Bestätigen tippen|den Knopf drücken|zustimmen|bestätigt haben], [ist der Termin gebucht|sind Sie eingetragen|buche ich das|wird der Platz reserviert|ist alles fest].
            [Tippen Sie auf|Drücken Sie|Klicken Sie auf|Bitte tippen Sie auf] [Bestätigen|den Knopf|„Bestätigen“], [dann ist es gebucht|dann buche ich|um den Termin zu buchen|und der Termin ist gebucht|damit der Termin gebucht wird].
            [Der Termin|Die Buchung|Es] [wird|ist] erst [gebucht|bestätigt|fest|verbindlich], [wenn|sobald|nachdem] Sie [bestätigen|auf den Knopf tippen|bestätigt haben|zustimmen].
            [Wenn Sie möchten|Wenn du willst|Falls das passt|Wenn Ihnen das recht ist], [kann ich das buchen|buche ich den Termin|verschiebe ich ihn|storniere ich ihn|setze ich Sie auf die Warteliste|kann ich Sie erinnern].
            [Sagen Sie mir|Nennen Sie mir|Schreiben Sie mir] [den Tag|die gewünschte Uhrzeit|Ihren Namen], [dann buche ich|dann trage ich Sie ein|und ich buche das|dann schaue ich nach].
            [Bis|Solange] Sie [nicht bestätigen|nicht auf Bestätigen tippen|bestätigen], [ist nichts gebucht|wird nichts gebucht|bleibt alles, wie es ist].
            [Gern|Gerne] [buche ich|verschiebe ich|storniere ich] [das|den Termin] für Sie, [sagen Sie mir nur den Tag|wenn Sie mir den Tag nennen|sobald Sie bestätigen].
            Mit [Ihrer Bestätigung|einem Tipp auf Bestätigen] [wird der Termin gebucht|ist der Platz Ihrer|ist der Termin fest].
        """),
        Act.NOT_DONE: lines("""
            [Ich habe|Wir haben] [noch |bisher |]nichts [gebucht|verschoben|storniert|geändert|reserviert].
            Es [wurde|ist] [noch |bisher |]nichts [gebucht|geändert|verschoben|storniert|reserviert].
            [Ihr|Der|Dein] Termin [ist|wurde] [noch |]nicht [gebucht|bestätigt|verschoben|storniert|geändert].
            [Sie haben|Du hast|Ich finde|Ich sehe] [keinen Termin|keine Buchung|keine anstehenden Termine] [bei uns|im Kalender|unter Ihrem Namen].
            [Sie sind|Du bist] [noch |derzeit |]nicht [eingetragen|gebucht|auf der Liste].
            [Das|Es] ist [noch |]nicht [gebucht|bestätigt|verbindlich|fest], [bitte bestätigen Sie|ich brauche noch Ihr Okay].
            [Ich brauche|Es fehlt] noch Ihre Bestätigung, bevor [etwas gebucht ist|der Termin fest ist|ich buchen kann].
        """),
        Act.TAKEN: lines("""
            [Leider ist|Es tut mir leid, aber] {time} [ist |]schon [gebucht|vergeben|belegt|weg|reserviert].
            [{staff} ist|Wir sind|Der Vormittag ist|Der Nachmittag ist] [{on} |][leider |][komplett|schon|bereits|völlig] [ausgebucht|belegt|voll].
            [Dieser Termin|Diese Zeit|Dieser Platz] [ist bereits gebucht|wurde gerade vergeben|ist leider schon reserviert|ist nicht mehr verfügbar][.|, tut mir leid.]
            [Jemand anders|Ein anderer Kunde] hat [{time}|den Termin|das] [schon|gerade|bereits] [gebucht|reserviert|genommen].
        """),
        Act.POLICY: lines("""
            [Termine|Buchungen] [können|lassen sich] bis [24 Stunden|einen Tag] vorher [kostenlos |][storniert werden|verschoben werden|absagen|verschieben].
            [Jeder Termin|Jede Buchung] wird [mit einem Knopf|von Ihnen selbst] bestätigt.
            [Stornierungen|Änderungen] sind bis [zum Vortag|24 Stunden vorher] [kostenlos|möglich].
            [Normalerweise|Üblicherweise|In der Regel] [halten|reservieren] wir [einen Platz|Termine] zehn Minuten lang.
            [Kunden|Gäste] [werden am Vortag erinnert|bekommen eine Erinnerung|bekommen immer eine Bestätigung].
            [Sie können|Du kannst|Kunden können] [Termine|Ihren Termin] [selbst|hier|mit /my] [absagen|verschieben|buchen].
            [Ihr Termin|Der Termin] kann [nicht mehr|online nicht mehr|so spät nicht mehr] [storniert|verschoben|geändert] werden.
        """),
        Act.FACT: lines("""
            [Die Behandlung|Der Termin|{service}] dauert {minutes} Minuten[ und kostet {price}|].
            [Wir haben|Der Salon hat] von 10:00 bis 20:00 [Uhr |]geöffnet.
            [Wir öffnen|Der Salon öffnet] um 10:00 Uhr und [schließen|schließt] um 20:00 Uhr.
            [Sie finden uns|Wir sind|Unsere Adresse ist] [in der |]{address}.
            [Sie erreichen uns|Unsere Nummer ist|Unser Telefon:] [unter |]{phone}.
            [Wir bieten|Unsere Leistungen sind] Haarschnitte, Massagen und Maniküre.
            {staff} arbeitet seit [drei|fünf|zehn] Jahren bei uns.
            [Sie können|Du kannst] [bar|mit Karte|bar oder mit Karte] zahlen.
            [Bei uns arbeiten|Unser Team sind] Anna, Boris und Maria.
        """),
        Act.QUOTE: lines("""
            [Sie schrieben|Sie sagten|Du hast geschrieben], [dass Sie gebucht sind|dass der Termin bestätigt ist|„{quote}“][, aber ich finde nichts|, im Kalender sehe ich das nicht|. Welchen Tag meinen Sie?]
            [Was meinen Sie mit|Können Sie erklären, was mit] „{quote}“[?| gemeint ist?]
            Laut Ihnen [ist der Termin bestätigt|sind Sie gebucht], [aber der Kalender ist leer|aber ich sehe nichts].
        """),
        Act.CANNOT: lines("""
            [Ich kann|Wir können] [keine Termine anderer Leute|nichts für andere Personen] [buchen|verschieben|absagen|einsehen].
            [Ich kann|Ich darf] [Termine buchen, verschieben und absagen|einen Termin für Sie buchen|Ihnen freie Zeiten zeigen].
            [Ich habe|Mir fehlt] [gerade keinen Zugriff auf den Kalender|darüber keine Information|dazu leider die Auskunft].
            [Ich kann|Das kann ich] [das nicht versprechen|keine Zeit garantieren|nicht anrufen|keine Erinnerung einstellen].
            [Medizinische Fragen|Das] [beantwortet besser ein Arzt|kann ich nicht beantworten].
        """),
    },
)
