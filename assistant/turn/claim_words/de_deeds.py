"""Deeds in German that no word list foresees: whatever isn't known to do nothing."""

# ruff: noqa: E501 - a pattern is a line; broken in two it could not be read as one.

from __future__ import annotations

from assistant.turn.claim_words.words import Problem, Shape

LISTS = {
    "idle": r"nachgesehen|geschaut|nachgeschaut|angeschaut|angesehen|durchgesehen|durchgeschaut|gesehen|geprüft|überprüft|gefunden|entdeckt|verstanden|gelesen|gehört|gesucht|durchsucht|erhalten|bekommen|gefragt|gesagt|erwähnt|erklärt|gezeigt|vorgeschlagen|vorbereitet|zusammengestellt|aufgelistet|aufgeführt"
    r"|herausgesucht|rausgesucht|herausgefunden|ausgesucht|ausgewählt|verglichen|abgeglichen|versucht|gehofft|gedacht|gemeint|geirrt|vertan|verwechselt|missverstanden|falsch verstanden|übersehen|entschuldigt|geöffnet|geschlossen|erweitert|renoviert|umgezogen|genannt|beschrieben|beantwortet|angeboten|empfohlen|gewusst|erkannt|bemerkt|festgestellt|gelernt|gewundert|gefreut|verfügbar|gerne|gewartet|verpasst|gerechnet|berechnet|überlegt|getippt|verschrieben|begriffen|vergessen|besprochen|beraten|gearbeitet|bedauert|verloren|gesammelt|sortiert|formuliert",
    "inert": r"(?:angebote?|geschäfte?|geräte?|gesicht|gewicht|gebiet|gehalt|gericht|unterricht|bericht|bereit|bekannt|verwandt|gesamt|gut|gezogen|weggegangen|abgelehnt|fehlgeschlagen|geschehen|geschlossen|geöffnet|belegt|vergeben|ausgebucht|enthalten|inbegriffen|begrenzt|berechtigt|erlaubt|gestattet|verboten|erforderlich|erwünscht|gewünscht|gefragt|willkommen|betroffen|geschätzt|gelegen|geeignet|gedacht|begehrt|beliebt|bekannt|verständlich|gegeben|erreichbar|geplant|gemacht|geworden|gewesen|geblieben|möglichkeiten|verfügbarkeiten|leistungen|besten|ersten|unterschiedlich|gestern|beraten|verboten|eingeschränkt|angegeben|ergeben|vergangen|begonnen|gültig|verbunden|zufrieden|getrennt|gemeinsam|interessiert|spezialisiert|qualifiziert|ausgebildet|zertifiziert|renoviert|klimatisiert|beschäftigt|vorgesehen|[^ ]*(?:zeiten|tagen|wochen|minuten|stunden|farben|karten|daten|kosten|kunden|gästen))(?![^ ])",
    "part": r"[^ ]*ge[^ ]{2,}(?:t|en)|(?:be|ver|er|ent|zer|über|unter|hinter|wider|weiter)[^ ]{3,}(?:t|en)|[^ ]+iert|mitgeteilt|bescheid gegeben|gecancelt|gebucht|überwiesen|übernommen|unternommen|veranlasst|erledigt|hinterlegt|untergebracht|freigegeben",
    "ended": r"eingelöst|abgebucht|vertagt|aktiv|gültig|hinfällig|ersetzt|ausgebessert|verbessert|gemailt|zurücküberwiesen|erhalten|gelegt|gerückt|vorgezogen|geschoben|gebongt|eingetütet|zugesagt|nachgetragen|umgeschrieben|zusammengelegt|abgesendet|abbestellt|abgestellt|ausgestellt|ausgeschaltet|deaktiviert|gewährt|verlängert|weitergereicht|übergeben|durchgegangen|durchgestellt|beauftragt|gekürzt|gesenkt|reduziert|gutgeschrieben|abgezogen|gebucht|eingebucht|umgebucht|reserviert|eingetragen|ausgetragen|bestätigt|vorgemerkt|eingeplant|vereinbart|fixiert|verbucht|gesichert|angelegt|erstellt|festgehalten|angemeldet|abgemeldet|notiert|vermerkt|festgelegt|terminiert|hinterlegt|eingeschrieben|abgeschlossen|geblockt|geblockt|registriert|blockiert|freigehalten|zurückgehalten|zurückgelegt|aufgehoben|gespeichert|abgespeichert|gesetzt|aufgenommen|hinzugefügt|ergänzt|dokumentiert|erfasst"
    r"|verschoben|verlegt|vorverlegt|vorgezogen|geändert|getauscht|angepasst|aktualisiert|korrigiert|berichtigt|übernommen|umgelegt|umgetragen|umgestellt|storniert|abgesagt|gelöscht|gecancelt|gestrichen|entfernt|annulliert|rausgenommen|herausgenommen|freigegeben|zurückgezogen|erlassen|erstattet|zurückerstattet|rückerstattet|überwiesen|gutgeschrieben|verrechnet|angewendet|abgezogen|zurückgebucht|veranlasst|beantragt|eingeleitet|ausgelöst|angestossen"
    r"|weitergegeben|weitergeleitet|informiert|benachrichtigt|verständigt|kontaktiert|mitgeteilt|ausgerichtet|übermittelt|gemeldet|bescheid gegeben|bescheid gesagt|geschickt|gesendet|verschickt|versendet|zugestellt|übergeben|angefragt|angefordert|eingereicht|aufgegeben|erledigt|geregelt|organisiert|arrangiert|eingerichtet|aktiviert|eingestellt|gestellt|eingeschaltet|gemacht|getan|abgehakt|abgeklärt|geklärt|besprochen|gebongt|geritzt|gebunkert|gesperrt|vergeben an sie|zugeteilt|zugewiesen|bearbeitet|genehmigt|akzeptiert|angenommen|fertig|fix|in (?:ordnung|trockenen tüchern|arbeit|die wege geleitet)|unter dach und fach|im (?:system|kalender|kasten|buch|plan)|auf dem weg|auf der (?:liste|warteliste)|unterwegs|raus|durch|drin|safe|sicher|perfekt|offiziell",
    "filler": r"(?: (?:jetzt|nun|schon|bereits|soeben|gerade|eben|auch|erfolgreich|hiermit|fest|verbindlich|offiziell|damit|somit|gern|gerne|direkt|gleich|sofort|wie gewünscht|bei uns|für sie|für dich|sie|dich|ihnen|dir|es|das|ihn|alles|automatisch|mal|also|dann|noch|natürlich|wieder|selbstverständlich|selbst|persönlich|kurz|schnell|mir|uns|ich|wir))*",
    "joint": r"(?:(?:ok|okay|gut|super|alles klar|prima|perfekt|klasse|toll|wunderbar|sehr gut|gerne|gern|klar|ja|so|und|dann|alles|nun|jetzt|schon|bereits|soeben|gerade|auch|erfolgreich|hiermit|fest|passt|danke|vielen dank|kein problem|fertig|erledigt|zack|bitte|zur info|0k|ihr|dein|der|die|das) )*",
    "matter": r"termin|buchung|reservierung|besuch|platz|slot|haarschnitt|massage|zeitfenster|anfrage|nachricht|anliegen|wunsch|bitte|name|nummer|telefonnummer|handynummer|e-mail|mail|adresse|daten|kontaktdaten|profil|erinnerung|rückerstattung|erstattung|gutschrift|anzahlung|rabatt|gebühr|beschwerde|notiz|hinweis|verschiebung|stornierung|absage|umbuchung|änderung|bestätigung|sitzung|behandlung|stunde|uhrzeit|plätzchen|stuhl|betrag|geld|warteliste|allergie|vorliebe|feedback|karte|konto|rechnung|gutschein|preis|frage|handy|wecker|guthaben|geburtstag|sprache",
    "quiet": r"zeige|habe|hab|hätte|werde|würde|könnte|möchte|schaue|sehe|prüfe|überprüfe|finde|suche|empfehle|brauche|benötige|freue|helfe|zeige|verstehe|bedaure|bedauere|bitte|danke|nenne|glaube|denke|frage|hoffe|wünsche|fürchte|schlage|biete|weise|erkläre|rate|vermute|meine|spreche|antworte|stehe|gehe|gucke|entschuldige|beantworte|liste|fasse|sage|kenne|bräuchte|dürfte|wüsste|liebe|höre|lese|warte|gebe ihnen|gebe dir|starte|beginne|wiederhole|gerne|heisse|komme|vergleiche|sollte|müsste|wollte|konnte|durfte|hatte|wäre|stelle (?:ihnen|dir|vor)|erstelle",
    "aim": r"sie|dich|ihnen|dir|es|das|ihn|ihren?|ihre[rm]?|deine?[nrm]?|den|die|dem|der|alles|einen?|0d|0t|mir|beide|gleich|jetzt|sofort|direkt|gern|gerne|dann|kurz|schnell|hiermit|soeben|eben|bescheid|anna|[^ ]+ bescheid",
}
_D = Problem.CLAIMS_DEED

CLAIMS = (
    (
        _D,
        Shape.DID,
        r"""
            (?:ich habe|habe ich|ich hab|hab ich|hab|habe|ich hatte|hatte ich|hab's|hab es)(?: [^ ;:()—.!?]+){0,12}? (?!(?:<idle>)(?![^ ]))(?:<part>)(?= [,;:()—.!?]| und| oder| damit|$)
            (?:wir haben|haben wir)(?: [^ ;:()—.!?]+){0,12}? (?:<ended>)(?= [,;:()—.!?]| und| oder| damit|$)
            (?!was|wer|niemand)[^ ]+ hat (?:sie|dich|ihnen|dir|ihre[nm]?|deine[nm]?|es|das)(?: [^ ;:()—.!?]+){0,8}? (?:<ended>)
            (?:<ended>) (?:habe|haben|hab) (?:ich|wir)
            (?:ich habe|habe ich|wir haben|haben wir|ich konnte|konnte ich|wir konnten|konnten wir)(?: [^ ;:()—.!?]+){0,10}? [^ ]+n (?:können|lassen)
            (?:und|auch)(?: (?!ist|wird|sind|wurde)[^ ;:()—.!?]+){1,6}? (?:eingetragen|vorgemerkt|weitergegeben|weitergeleitet|informiert|bescheid gegeben|bescheid gesagt|notiert|hinterlegt|gespeichert|reserviert|gebucht|verschoben|storniert)(?= [,;:()—.!?]|$)
        """,
    ),
    (
        _D,
        Shape.STATE,
        r"""
            (?!(?:wer|man|was|niemand|unten|oben|knopf|karte|vorschlag)(?: |$))[^ ]+ (?:ruft|schreibt|kontaktiert|antwortet|meldet sich|wartet auf|erwartet)(?: [^ ,;:()—.!?]+){0,1}? (?:sie|dich|ihnen|dir|bei ihnen|bei dir)
            (?<!unten )(?<!oben )(?:ruft|schreibt|wartet|erwartet|kontaktiert|meldet sich)(?: [^ ,;:()—.!?]+){1,2}? (?:sie|dich|ihnen|dir|auf sie|auf dich|bei ihnen)
            rechnen sie(?: [^ ,;:()—.!?]+){0,4}? mit (?:unserem|einem|dem|seinem|ihrem) (?:anruf|rückruf)
            (?:man|sie|alle|[^ ]+ und [^ ]+) (?:weiß|wissen)(?: (?:schon|bereits|bescheid))*(?: ,)? (?:dass|bescheid|davon)
            0d ersetzt(?: den)? 0d|statt 0d (?:ist |gilt )?(?:nun |jetzt )?0d
            (?:als erste[rn]?|zuerst)(?: [^ ,;:()—.!?]+){0,3}? (?:erfahren|wissen|hören)|(?:erfahren|wissen|hören)(?: [^ ,;:()—.!?]+){0,3}? als erste[rn]?
            gehört (?:nun|jetzt|ab sofort)(?: auch)? zu|(?:in ihrem|in deinem) (?:besuch|termin)(?: [^ ,]+)? (?:enthalten|inbegriffen|drin)
            (?:wecke|wecken) (?:ich|wir) (?:sie|dich)|(?:piept|klingelt|vibriert|brummt)(?: [^ ,]+){0,2}? (?:telefon|handy)|klingeln? (?:ich |wir )?durch
            (?:wir|ich) (?:nennen|nenne|rufen|schreiben) (?:sie|dich|ihnen|dir)(?: (?:künftig|jetzt|nun|ab sofort|an))+
            (?:vom|von|auf)(?: [^ ,;:()—.!?]+){1,2}? (?:preis|betrag|rechnung|konto|karte)(?: [^ ,;:()—.!?]+){0,4}? (?:runter|weg|abgezogen|abgebucht|gutgeschrieben|eingelöst|liegen|liegt)
            (?:sind|ist) (?:vom|von der) (?:preis|rechnung|betrag) (?:runter|weg|ab)
            ihr platz in der (?:schlange|reihe|warteschlange)|auf (?:ihrem|deinem) konto (?:liegt|liegen|ist|sind|steht|stehen)
            «<joint>(?!<inert>|(?:<idle>)(?![^ ]))(?:<part>)»
            (?:ihr|ihre|dein|deine|unser)(?: (?!wunsch)[^ ,;:()—.!?]+){0,3}? (?:<matter>)(?: (?!nicht|erst|ist|sind|wurde|wird)[^ ;:()—.!?]+){0,7}? (?:ist|sind|wurde|wurden|war|bleibt|hat|haben)<filler>(?: (?!nicht|noch|erst)[^ ,;:()—.!?]+){0,5}? (?:<ended>)
            (?:ist|sind|wurde|wurden)<filler> (?:ihr|ihre|dein|deine)(?: [^ ,;:()—.!?]+){1,4}?(?: (?!nicht)[^ ;:()—.!?]+){0,6}? (?:<ended>)
            (?:bleibt|bleiben)(?: [^ ,;:()—.!?]+){0,2}? (?:ihnen|dir|für sie|für dich)(?: [^ ,;:()—.!?]+){0,2}? (?:erhalten|reserviert|frei|sicher)
            (?:für andere|für alle anderen|für sonst jemanden)(?: [^ ,;:()—.!?]+){0,6}? (?:belegt|vergeben|gesperrt|nicht mehr|weg|blockiert|zu|geschlossen|unsichtbar)
            (?:belegt|gesperrt|blockiert|zu|frei|freigegeben|verfügbar|offen) für andere
            (?:haben sie|hast du|sie haben|du hast)(?: [^ ,;:()—.!?]+){0,5}? (?:ergattert|erwischt|geschnappt|gesichert|ergriffen|bekommen)
            (?:alles|ihr kalender|ihre woche)(?: ist)? (?:leer|weg|sauber|bereinigt)
            (?:ihr|ihre|dein|deine)(?: (?!wunsch|gewünscht)[^ ,;:()—.!?]+){1,5}? (?:ist|wurde|sind|wurden)(?: (?!nicht|noch|erst|nur|leider)[^ ,;:()—.!?]+){0,5}? (?!<inert>|(?:<idle>)(?![^ ]))(?:<part>)»
            «<joint>(?:ist|wurde|sind|wurden|wird)<filler>(?: (?:schon|so|wie gewünscht))* (?:<ended>)
            (?<!laut )(?:für sie|für dich|ihnen|dir|auf ihren namen|auf deinen namen)(?: [^ ,;:()—.!?]+){0,2}? (?:reserviert|freigehalten|geblockt|zurückgelegt|gebucht|gesichert|vorgemerkt|frei gehalten|eingetragen|hinterlegt|notiert)
            (?:reserviert|gesichert|gebucht|vorgemerkt) (?:für sie|für dich)
            (?:sie|du)<filler> (?:ist|sind|bist|wurde|wurden|wurdest|steht|stehen|stehst|bleibt)(?: (?!nicht|noch|erst)[^ ,;:()—.!?]+){0,6}? (?:<ended>)
            (?:ist|sind|wurde|wurden|bist|steht)<filler> (?:sie|du)(?: (?!nicht|noch|erst)[^ ,;:()—.!?]+){0,6}? (?:<ended>)
            aus (?:[^ ,;:()—.!?]+ ){1,3}?(?:ist|sind|wurden?|wird)(?: [^ ,;:()—.!?]+){0,5}? geworden
            (?:liegt|ist|landet|landete|geht|ging)(?: (?:jetzt|nun|schon|bereits|direkt))* (?:bei|beim|an) (?:der |dem |die |den )?(?:<staff>)
            (?!was|wer|niemand|jemand)[^ ]+ hat (?:sie|dich)(?: (?:schon|bereits|jetzt|nun|fest|auch|gleich))* (?!gebeten|gefragt|nicht)[^ ]+
            (?:wir|ich) (?:führen|führe|haben|habe|notieren|kennen) (?:sie|dich)(?: (?:jetzt|nun|ab sofort|künftig))* (?:als|unter|im|in der|auf|mit)
            beides? (?:termine? )?(?:sind )?(?:weg|raus|gelöscht|gestrichen)
            (?:jetzt|nun|ab sofort) (?:lautet|gilt|steht|heisst|läuft)|(?:lautet|gilt|läuft|steht) (?:jetzt|nun|ab sofort)
            «(?:und )?(?:hab|habe) ich(?: (?:schon|bereits|gemacht|erledigt))*»
            «<joint>(?!sicher|perfekt|fertig|fix|klar|angenommen|raus|durch|aktiv|gültig)(?:<ended>)»
            «<joint>(?:<ended>) (?:für|auf|am|um|bei|0d|0t|ist|sind|haben|an)
        """,
    ),
    (
        _D,
        Shape.THING,
        r"""
            (?:der|die|das|dieser|diese)(?: (?!wunsch)[^ ,;:()—.!?]+){0,3}? (?:<matter>)(?: (?!nicht|erst|ist|sind|wurde|wird)[^ ;:()—.!?]+){0,7}? (?:ist|sind|wurde|wurden|war|bleibt|hat|haben)<filler>(?: (?!nicht|noch|erst)[^ ,;:()—.!?]+){0,5}? (?:<ended>)
            «<joint>(?!wie|was|noch|fast|leider|komplett|schon|bereits|aber|ganz|sehr|so|das wäre)(?:(?!wird|werden|kann|können)[^ ,;:()—.!?]+ ){1,9}?(?:<ended>)»
            «<joint>(?!wie|was|noch|fast|leider|komplett|schon|bereits|um|zum)(?:(?!ist|sind|wurden?|hat|haben|wird|werden|zum?|war)[^ ,;:()—.!?]+ ){0,4}?(?:<matter>|[^ ]+(?:zahl|ung|nummer|termin)|quittung|0d|0t) (?:(?!ist|sind|wurden?|hat|haben|wird|werden|zum?|war)[^ ,;:()—.!?]+ ){0,3}?(?!<inert>|(?:<idle>)(?![^ ]))(?:<part>)»
            (?:das|es|alles|beides|dies|0d|0t|was|beide)<filler> (?:ist|sind|wurde|wurden|steht|stehen|bleibt)(?: (?!nicht|noch|erst)[^ ,;:()—.!?]+){0,6}? (?:<ended>)
            (?:ist|sind|wurde|wurden|steht)<filler> (?:das|es|alles|beides)(?: (?!nicht|noch|erst)[^ ,;:()—.!?]+){0,6}? (?:<ended>)
        """,
    ),
    (
        Problem.CLAIMS_BOOKING,
        Shape.ASSUMED,
        r"""
            (?:absagen|abgesagt werden|stornieren|storniert werden|streichen)
            nicht (?:verschoben|abgesagt|storniert|geändert|angefasst|verlegt|umgebucht)
            nichts (?:geändert|verschoben|verändert|anders)
            (?:außer|ausser|neben|bis auf) (?:dem|der|den|ihrem|ihrer|deinem|deiner)
        """,
    ),
    (
        Problem.CLAIMS_BOOKING,
        Shape.STATE,
        r"""
            (?:termin|buchung|reservierung|ist|sehe|nur) (?:nur )?(?:nummer|nr) [0-9]+
            was sie(?: bei uns)? (?:gebucht|reserviert) haben
            (?:sie|du)(?: [^ ,;:()—.!?]+){0,6}? (?:gebucht|eingetragen|vorgemerkt|angemeldet) (?:sind|bist)
        """,
    ),
    (
        _D,
        Shape.DONE,
        r"""
            (?:niemand|keiner|kein anderer)(?: [^ ,;:()—.!?]+){0,4}? (?:wegnehmen|nehmen|bekommen|buchen|schnappen|mehr)
            (?:nichts|keine|kein)(?: weiter| mehr| weitere| weiteren)?(?: [^ ,;:()—.!?]+){0,2}? (?:tun|machen|beachten|erledigen|berechnet|abgebucht|verrechnet|fällig|bezahlen)
            (?:es )?wird nichts (?:berechnet|abgebucht|verrechnet|fällig)
            (?:erinnerungen?|nachrichten|mitteilungen|mails?)(?: [^ ,;:()—.!?]+){0,3}? kein\w*(?: mehr)?|keine (?:weiteren )?(?:erinnerungen?|nachrichten|mitteilungen|mails?) mehr
            (?:taucht|tauchen|erscheint|steht|stehen|finden)(?: [^ ,;:()—.!?]+){0,4}? nicht mehr
            (?:gebühr|kosten|strafe)(?: [^ ,;:()—.!?]+){0,2}? (?:vergessen|entfällt|entfallen|fällt weg|fallen weg|sind vom tisch|ist vom tisch)
            aus (?:der|dem)(?: [^ ,;:()—.!?]+){1,2}? wird(?: [^ ,;:()—.!?]+){0,3}? nichts
        """,
    ),
    (
        _D,
        Shape.WILL,
        r"""
            ich(?: (?:<aim>))? (?!(?:<quiet>)(?![^ ]))[^ ]{2,}e(?: (?:<aim>))
            «<joint>(?!(?:<quiet>)(?![^ ]))[^ ]{2,}e ich(?: (?:<aim>))
            (?:ich werde|werde ich|wir werden|werden wir)(?: [^ ;:()—.!?]+){0,10}? (?:buchen|einbuchen|umbuchen|reservieren|eintragen|austragen|bestätigen|vormerken|einplanen|vereinbaren|sichern|anlegen|notieren|vermerken|hinterlegen|freihalten|zurücklegen|speichern|aufnehmen|ergänzen|verschieben|verlegen|ändern|anpassen|aktualisieren|korrigieren|stornieren|absagen|löschen|streichen|entfernen|erstatten|überweisen|gutschreiben|verrechnen|veranlassen|weitergeben|weiterleiten|informieren|benachrichtigen|verständigen|kontaktieren|mitteilen|ausrichten|übermitteln|melden|geben|schicken|senden|erinnern|anrufen|erledigen|regeln|organisieren|einrichten|aktivieren|setzen|erwarten|begrüssen|kümmern)
        """,
    ),
)

# What belongs to the customer, or is about to reach them.
MATTERS = r"""
    (?:ihr|ihre|ihren|ihrem|ihrer|dein|deine|deinen|deinem|deiner)(?: (?!wunsch)[^ ,;:()—.!?]+){0,2}? (?:<matter>|0t|0d|friseur\w*|stylist\w*)
    (?:der|die|das|den|dieser|diese|dieses|beide|ein|eine)(?: (?!wunsch)[^ ,;:()—.!?]+){0,2}? (?:termin|[^ ]+termin|buchung|reservierung|platz|slot|stuhl|rückerstattung|erstattung|stornogebühr|gebühr|anzahlung|rabatt|erinnerung|bestätigung|[^ ]+bestätigung|stornierung|absage|verschiebung|umbuchung|änderung|warteliste|nachricht|sms|mail|e-mail|notiz|gutschein|gutschrift|rückruf|nummer|adresse|e-mail-adresse|handynummer|telefonnummer|geld|betrag)
    (?:ihnen|dir|ihrer|deiner|für (?:sie|dich)|auf (?:ihren|deinen) namen|bei ihnen|bei dir|zu ihnen|zu dir)
    (?:sie|du) kommen? (?:nun|jetzt|dann|also)? ?(?:am|um|0d|0t)
    (?:sie|du) (?:sind|bist|haben|hast|stehen|stehst|werden|wirst|können (?:kommen|vorbeikommen|beruhigt)|müssen (?:nichts|sich)|brauchen (?:nichts|sich))
    (?:stehen|müssen|brauchen|werden|wirst|haben|hast|sind|bist) (?:sie|du)
    (?:bekommen|bekommst|erhalten|erhältst|kriegen|kriegst)(?: [^ ,;:()—.!?]+){0,6}? (?:[^ ]*(?:nachricht|erinnerung|bestätigung|anruf|rückruf|sms|mail|geld|erstattung|gutschein|rechnung|quittung|antwort|termin|platz|bescheid)|zurück)
    (?:die|der|unsere?|das|meine?) (?:[^ ]+ )?(?:<staff>)(?: [^ ,;:()—.!?]+){0,2}? (?:weiss|wissen|hat|haben|wird|werden|meldet|ruft|kümmert|freut|liest|antwortet)
    [^ ]+ (?:weiss bescheid|erwartet|freut sich|ist informiert|ist im bilde|kümmert sich|meldet sich|ruft|wartet auf|hat (?:es|das|ihre?))
    jemand [^ ]+
    (?:vorgangs|termin|buchungs|reservierungs|bestätigungs|ticket|auftrags|referenz)(?:nummer|code|nr|-nr|bestätigung|daten|details)
    (?:mitteilungen|benachrichtigungen|erinnerungen|nachrichten|punkte|guthaben|wecker) (?:sind|ist)
    (?:ab sofort|von nun an|ab jetzt|künftig|fortan)
    (?:er|sie|es|der|die|das) (?:steht|bleibt|gilt)
    wir sehen uns|«bis (?:dann|0d|zum)|freuen uns|freue mich|läuft|geht klar|wird gemacht|gesagt , getan|passiert|mehr müssen|mehr brauchen|niemand (?:sonst|anderes)|kein anderer|nichts (?:weiter|mehr)
    (?:0d|0t|das|es|alles|beides|aus 0d)(?: (?:um|am|bei|,|uhr|0t|0d))* (?:steht|passt so|geht klar|sitzt|wäre (?:dann )?fix|gehört|gilt|liegt|fällt weg|entfällt|klappt)
    melde(?:n)?(?: ich| wir)? (?:mich|uns)|hören (?:sie|von)|am vorabend|am vortag
"""
# What makes of a clause about it something else than news.
HARMLESS = r"""
    ich (?:<quiet>)|zur auswahl
    beliebt|lang|kurz
    kannst|könntest|magst
    zeit|wählen|laut (?:ihnen|dir)|sicher , |aber sicher|unklar|lassen|melden|gewünschte?
    fehlgeschlagen|gescheitert|schiefgegangen|nachgesehen|nachgeschaut|schaue|prüfe|sehe|jemand anderem|anderweitig|würde|nötig|gibt|macht|wird gemacht von
    nicht(?! mehr)|nichts(?! weiter| mehr)|nie|niemand(?! sonst| anderes)|kein\w*(?! anderer)|weder|ohne|leider|bedaure|bedauere|entschuldig\w*|tut mir|noch (?:nicht|kein\w*|offen)
    kann|können|könnte\w*|könnten|würde\w*|wäre|wären|hätte\w*|möchte\w*|soll|sollen|sollte\w*|darf|dürfen|muss|müssen(?! nichts| sich)|müsste\w*|will|wollen|brauche|brauchen(?! sie nichts| nichts)|benötig\w+|bräuchte|wenn|falls|sobald|sofern|ob|bitte|tippen|drücken|wählen|nennen|sagen|schreiben|schicken|bestätigen|lassen sie|welche\w*|was|wie|wo|wann|wer|warum|wieso|erst|bis sie|bevor|gern(?:e)? geschehen
    normalerweise|üblicherweise|immer|grundsätzlich|in der regel|jede\w*|alle(?! eingetütet)|kunden|gäste|man|regel\w*|kostenlos|kostenfrei|bis 24
    frei|verfügbar\w*|offen|möglich|möglichkeit\w*|option\w*|belegt|vergeben|ausgebucht|weg|voll|kostet|kosten|preis\w*|dauert|dauern|minuten?|stunden?|vorher|hängt|unklar|meinen|meinst|meinten|verstehe|verstanden|danke|dank|wegen|bezüglich|zu ihrer frage|frage\w*|fragen|willkommen|helfe\w*|hilft|wartet auf ihr|warte\w* auf (?:ihre|deine)|knopf|schaltfläche|karte|unten|oben|unten|vorschlag|vorschlagen|empfehl\w+|vielleicht|eventuell|passt (?:ihnen|dir)|passen|lieber|interess\w+|zwischen|inklusive|enthalten|beinhaltet|richtig|hilfe|helfen|wunsch\w*|wünsche\w*|auswahl
"""
# Small words by which the language is known.
SMALL = (
    "ich sie der die das ist und ihr ihre ihnen wir am um den einen auf nicht du dein deine dir "
    "habe haben ein eine mit zu bei von uns im noch wird wurde sind dem des es ihrem ihrer nun steht kein keine hat "
    "auch oder wenn so schon jetzt mir mich bis alles zum zur uhr"
)
# The business's own.
HOUSE = r"preise?|öffnungszeiten|sortiment|webseite|website|räume|speisekarte|menü|personal verstärkt|unsere [^ ]+|[^ ]+(?:gasse|straße|platz|allee)"
