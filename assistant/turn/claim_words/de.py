"""What claims sound like in German."""

# ruff: noqa: E501 - a pattern is a line; broken in two it could not be read as one.

from __future__ import annotations

from assistant.turn.claim_words import de_deeds as deeds
from assistant.turn.claim_words.words import Problem, Shape, words

_LISTS = {
    "adv": r"(?: (?:jetzt|nun|schon|bereits|soeben|gerade|eben|auch|erfolgreich|hiermit|fest|verbindlich"
    r"|offiziell|damit|somit|gern|gerne|direkt|gleich|sofort|wie gewünscht|bei uns|für sie|für dich"
    r"|sie|dich|ihnen|dir|es|das|ihn|alles|automatisch|mal|also|dann|noch|natürlich|wieder|selbstverständlich))*",
    "done": r"gebucht|reserviert|eingetragen|bestätigt|vorgemerkt|eingeplant|vereinbart|fixiert|verbucht"
    r"|gesichert|angelegt|erstellt|festgehalten|fest gebucht|eingebucht|angemeldet|notiert|festgelegt"
    r"|terminiert|hinterlegt|eingeschrieben|abgeschlossen|umgebucht|geblockt|registriert|fest",
    "strong": r"gebucht|reserviert|eingetragen|vorgemerkt|eingeplant|eingebucht|gesichert|terminiert"
    r"|vereinbart|geblockt",
    "row": r"termin|buchung|reservierung|terminbuchung|besuch|platz|slot|anmeldung|zeitfenster|anfrage",
    "yourrow": r"(?:(?:ihr|ihre|ihren|dein|deine|deinen|der|die|den|das|dieser|diesen|unser|einen)(?: [^ ,;:()—.!?]+){0,2}? )?"
    r"(?:termin|buchung|reservierung|terminbuchung|besuch|platz|slot|haarschnitt|massage|zeitfenster)",
    "moved": r"verschoben|umgebucht|verlegt|geändert|vorverlegt|umgelegt|getauscht|angepasst|aktualisiert",
    "cancelled": r"storniert|abgesagt|gelöscht|gecancelt|gestrichen|entfernt|annulliert|aufgehoben|ausgetragen"
    r"|abgemeldet",
    "staff": r"(?:[^ ,]*team|inhaber\w*|chef\w*|kolleg\w*|mitarbeiter\w*|manager\w*|leitung|salon|studio|personal"
    r"|betreiber\w*|rezeption|empfang|jemand\w*|mensch\w*|ansprechpartner\w*|besitzer\w*|support|praxis"
    r"|verwaltung|geschäftsführ\w*|administrator\w*)",
    "ich": r"ich habe|habe ich|wir haben|haben wir|hab ich|ich hab|hab|habe|ich hatte|das system hat",
}
_B, _M, _C, _R, _H = (
    Problem.CLAIMS_BOOKING,
    Problem.CLAIMS_MOVE,
    Problem.CLAIMS_CANCEL,
    Problem.CLAIMS_REMINDER,
    Problem.CLAIMS_HANDOFF,
)

GERMAN = words(
    "de",
    lists=_LISTS,
    deeds=deeds.CLAIMS,
    deed_lists=deeds.LISTS,
    matters=deeds.MATTERS,
    harmless=deeds.HARMLESS,
    house=deeds.HOUSE,
    small=deeds.SMALL,
    claims={
        (_B, Shape.DID): r"""
            (?:es ist mir|es ist uns|mir ist es|uns ist es)(?: [^ ,]+)? gelungen
            (?:gelungen|gelang)(?: ,)?(?: [^ ;:()—.!?]+){0,10}? (?:buchen|reservieren|sichern|eintragen|einplanen)
            (?:<ich>)(?: [^ ;:()—.!?]+){0,10}? warteliste(?: [^ ,;:()—.!?]+){0,3}? (?:gesetzt|genommen|geschrieben|vermerkt|aufgenommen|eingetragen|hinzugefügt)
            (?:<ich>)(?: [^ ;:()—.!?]+){0,10}? (?:vorgenommen|veranlasst|ergattert|organisiert)
            (?:terminbestätigung|buchungsbestätigung|reservierungsbestätigung|bestätigung)~ (?:geschickt|gesendet|unterwegs|verschickt|zugesandt|raus)
            (?:<ich>)(?: [^ ;:()—.!?]+){0,6}? (?:terminbestätigung|buchungsbestätigung|bestätigung)~ (?:geschickt|gesendet|verschickt)
            (?:buchung|termin|reservierung)~ (?:geregelt|erledigt|organisiert|vorgenommen)
            (?:konnte|konnten)(?: [^ ;:()—.!?]+){0,9}? (?:buchen|reservieren|eintragen|sichern|einplanen|vereinbaren)
            (?!was|wer|niemand)[^ ]+ hat (?:sie|dich|ihnen|dir|ihren|deinen)(?: [^ ;:()—.!?]+){0,8}? (?:<strong>)
            (?:<ich>)(?: (?!gesehen|geprüft)[^ ;:()—.!?]+){0,10}? (?:<strong>|bestätigt|angelegt|erstellt|eingeschrieben|notiert|angemeldet|fixiert|festgehalten|hinterlegt|freigehalten|gemacht|ausgemacht|gesetzt|registriert)
            (?:<ich>)<adv>(?: [^ ,;:()—.!?]+){0,3}? (?:termin|buchung)~ (?:gemacht|abgeschlossen|aufgenommen)
            ich (?:buchte|reservierte|trug sie|merkte sie)
        """,
        (_B, Shape.STATE): r"""
            (?:die|ihre|deine) (?:buchung|reservierung)<adv> (?:ist|wurde)<adv> (?:gespeichert|angelegt|übernommen|bestätigt|abgeschlossen)
            (?:buchung|reservierung|termin)(?: (?:am|um|für|0d|0t|,))* (?:ist|sind)<adv> (?:durch|drin|erfolgt|perfekt|raus)
            (?:termin|buchung|reservierung)(?: (?:am|um|für|0d|0t|,))* (?:erstellt|angelegt|bestätigt|gebucht|eingetragen|reserviert)
            (?:finde|sehe|habe|steht)~ (?:ihren|deinen|ihr|dein|sie|ihre|deine)~ (?:0d|0t|am 0d|um 0t)
            (?:im|in unserem) kalender steht(?: [^ ,]+){0,3}? (?:ihr|dein|sie|du)\w*
            (?:betrachten|betrachte)(?: [^ ;:()—.!?]+){0,10}? als (?:gebucht|fest|erledigt|reserviert|bestätigt|vereinbart)
            (?:termin|das|es|alles|sache)(?: (?!nicht|erst)[^ ;:()—.!?]+){0,6}? (?:unter dach und fach|in trockenen tüchern|perfekt|fix|geritzt)
            (?:sie|du) (?:sind|bist|stehen|stehst)(?: (?!nicht)[^ ;:()—.!?]+){0,9}? (?:warteliste|gebucht|eingetragen|vorgemerkt)
            (?:sie|du)<adv> (?:sind|bist|stehen|stehst|wurden|wurdest)(?: (?!nicht)[^ ;:()—.!?]+){0,7}? (?:<strong>|angemeldet|dabei|im kalender|auf der liste|drin|registriert|verbucht|auf der warteliste|bestätigt|startklar)
            (?:sind|bist|wurden|wurdest|stehen|stehst) (?:sie|du)(?: (?!nicht)[^ ;:()—.!?]+){0,7}? (?:<strong>|angemeldet|dabei|im kalender|auf der liste|drin|registriert)
            (?:ihr|ihre|dein|deine)(?: (?!wunsch)[^ ,;:()—.!?]+){1,6}? (?:ist|wurde|sind|wurden|war|waren)(?: (?!nicht)[^ ;:()—.!?]+){0,8}? (?:<done>|unter dach und fach|sicher|fertig|erledigt|im kalender|im system|in trockenen tüchern|perfekt|erfolgreich|fix|angenommen|gespeichert|aufgenommen|ausgemacht|eingegangen)
            (?:ist|wurde|sind|wurden) (?:ihr|ihre|dein|deine)(?: [^ ,;:()—.!?]+){1,4}?(?: (?!nicht)[^ ;:()—.!?]+){0,6}? (?:<done>|im kalender|fertig|fix)
            (?:ihr|dein|der|ihre|deine|die) (?:<row>)(?: (?!ist|wird|kann|nicht)[^ ;:()—.!?]+){0,7}? (?:steht|geht klar|sitzt)(?! (?:nicht|noch|zur|ihnen|frei|offen))
            (?:steht|passt) (?:ihr|dein|der) (?:termin)
            (?:der termin|die buchung|die reservierung|die terminbuchung)(?: (?!nicht)[^ ,;:()—.!?]+){0,5}? (?:ist|wurde)(?: (?!nicht)[^ ;:()—.!?]+){0,6}? (?:<done>|fix|erfolgreich|im kalender|durch|fertig|eingegangen|ausgemacht)
            (?:<row>)<adv>(?: 0d| 0t| am 0d| um 0t| für 0d)* (?:bestätigt|gebucht|eingetragen|reserviert|angelegt|gespeichert|erfolgreich|abgeschlossen|fix|vereinbart|steht)
            «(?:(?:alles|und|ist|ok|okay|super|perfekt|prima|alles klar|fest|jetzt|schon|erfolgreich|ja|gut|gerne|hiermit|so) )*(?:gebucht|reserviert|eingetragen|bestätigt|vorgemerkt|notiert)(?: (?:für sie|für dich|für 0d|am 0d|um 0t|auf 0d|0d|0t|bei [^ ]+|ist))*»
            (?:hiermit )?bestätige(?:n)? (?:ich|wir)(?: ihnen| dir)? (?:ihren|deinen|ihre|den|die|deine)
            (?:ich|wir) bestätigen?(?: ihnen| dir| hiermit)* (?:ihren|deinen|ihre|den|die|deine)
            (?:0d|0t|platz|termin|slot|uhrzeit|der|das) (?:gehört|ist) (?:jetzt |nun |somit |damit )*(?:ihnen|dir|ihrer|deiner|ihr|dein)
            für (?:sie|dich)<adv>(?: (?!ist|noch|gern)[^ ,;:()—.!?]+){0,4}? (?:<strong>)
            (?:buchungsnummer|reservierungsnummer|terminnummer|bestätigungsnummer|buchungscode)
            status : (?:bestätigt|gebucht)
            (?:herzlichen glückwunsch|glückwunsch)~ (?:gebucht|termin)
            (?:die|ihre|deine) buchung (?:hat geklappt|war erfolgreich|ist durch|ist raus|ist drin|ist erfolgt)
            termin (?:ist )?(?:fix|gebongt)
            «(?:(?:das|alles) )*gebongt
        """,
        (_B, Shape.THING): r"""
            (?:ist|wurde|sind|wurden|wäre hiermit)(?: (?!nicht|noch)[^ ,;:()—.!?]+){0,5}? (?:gebucht|reserviert|eingetragen|vorgemerkt|eingeplant|fest vereinbart)
            (?:0d|0t|das|es|alles) (?:ist|wurde|steht|sind)(?: (?:jetzt|nun|schon|somit|damit|fest|für sie|also))* (?:gebucht|reserviert|eingetragen|bestätigt|fest|fix|fixiert|im kalender)
        """,
        (_B, Shape.WILL): r"""
            (?:mache|erledige|regele|regle) ich (?:das|es)(?: für sie| für dich)? (?:gleich|sofort|jetzt)
            (?:ich|wir) (?:notiere|notieren|vermerke|vermerken) (?:sie|dich|das|es|ihnen|dir|den)
            (?:ich|wir)<adv> (?:notiere|notieren|mache|trage|setze|lege)<adv>(?: (?:ihnen|dir|sie|dich|das|es|den))* (?:termin|platz|fest|ein|auf 0d|auf die|die buchung|an)
            (?:mache|notiere|lege|setze)(?: (?:ich|wir|jetzt|gleich|sofort|ihnen|dir|sie|dich|das|es|den termin|termin))*(?: [^ ,;:()—.!?]+){0,5}? (?:fest|ein|an|auf die warteliste)
            (?:ich|wir)<adv> (?:buche|buchen|reserviere|reservieren|sichere|sichern|vereinbare|vereinbaren|blocke|bestätige|fixiere|lege|mache)<adv>(?: (?:sie|dich|ihnen|dir|es|das|den|ihren|deinen|ihn|jetzt|gleich|sofort|nun|für|einen|dann|0d|0t|am|um|diesen|die|ihre|termin))(?! (?:frage|überblick|liste))(?:~ (?:termin|fest|für sie|an|ein|buchung|slot|platz|jetzt|ihnen|0d|0t|das|es|gleich|sofort|dich))?
            (?:buche|reserviere|sichere|vereinbare|blocke)<adv> (?:ich|wir|sie|dich|das|es|den|ihren|ihnen|dir|nun|jetzt|gleich|0d|0t)
            (?:trage|tragen|merke|merken|plane|planen|schreibe|schreiben|buche|buchen|melde|melden)(?! sie bitte| bitte)(?: [^ ,;:()—.!?]+){0,8}? (?:ein|vor|an)»
            (?:trage|merke|plane|schreibe)(?: ich| wir)? (?:sie|dich|es|das|den|ihren|ihnen|dir)
            (?:wird|werden|werde|wirst)(?: (?!nicht)[^ ;:()—.!?]+){0,8}? (?:<strong>|buchen|reservieren|eintragen|bestätigt|vormerken|einplanen|einbuchen|angelegt)(?! (?:können|kann))
            (?:ich|wir) (?:kümmere|kümmern) (?:mich|uns)(?: [^ ,]+){0,2}? (?:um|darum)
            (?:lassen sie mich|lass mich)~ (?:buchen|reservieren|eintragen)
            «(?:(?:jetzt|wird|termin|moment|gleich) )*(?:wird gebucht|buchung läuft|buche jetzt|reserviere jetzt)
            (?:buchung|termin|reservierung) wird(?: [^ ,]+){0,3}? (?:erstellt|bearbeitet|angelegt|ausgeführt|verarbeitet|durchgeführt)
        """,
        (_B, Shape.DATED): r"""
            (?:bis dann|bis bald|bis dahin)(?: ,)?(?: am| um)* 0[dt]
            (?:sie|du) (?:haben|hast)(?: (?:jetzt|nun|damit|somit|schon|bereits))* (?:ihren|deinen|einen)(?: [^ ,]+)? (?:termin|platz|slot)
            (?:wir|ich) (?:sehen|sehe|freuen|freue|erwarten|erwarte)(?: (?:uns|mich|sie|dich|schon|auf|euch|ihren|deinen|besuch|dann))+
            «(?:(?:also|dann|und|na|ok|okay|super|tschüss|ciao|danke) )*bis(?: (?:dann|zum|am|also|nächsten|kommenden))* 0d(?! (?:um 0t )?(?:ist|sind|haben|gibt|kann|noch|können|frei|offen|geöffnet))
            (?:erwartet|erwarten|empfängt|freut sich)(?: (?:sie|dich|auf|schon|wir))+
            (?:sie|du) (?:haben|hast)(?: (?:auch|bereits|schon|noch|jetzt|nun|damit|somit|aktuell|derzeit|am 0d|um 0t|0d|0t))* (?:einen|eine|ihren)(?: [^ ,]+){0,3}? (?:termin|buchung|reservierung)
            (?:haben|hast) (?:sie|du)(?: (?:auch|bereits|schon|noch|am 0d|um 0t|0d|0t))* (?:einen|eine)(?: [^ ,]+){0,2}? (?:termin|buchung)
            (?:ihr|dein|ihre)(?: (?:nächster|neuer|aktueller|kommender|bestehender))? (?:termin|besuch|buchung|reservierung)(?: (?!wunsch)[^ ,;:().!?]+){0,5}? (?:ist|findet|beginnt|:|—|lautet|startet)(?: (?:am|um|für|jetzt|auf|nun|0d|0t|weiterhin))+
            0k .*0[dt]
        """,
        (
            _B,
            Shape.TOLD,
        ): r"(?:sie|ihnen|ihr|ihre|ihren|du|dich|dir|dein|deine|deinen|jetzt|nun|neuer|termin|buchung|reservierung)",
        (_B, Shape.DONE): r"""
            (?:das|es|alles|sache) ist<adv> (?:organisiert|vereinbart|eingerichtet|arrangiert|abgemacht)
            «(?:(?:alles|ist|schon|so|und) )*fertig»
            (?:glückwunsch|nachrichten|super|prima|toll|hurra)(?: ,| !| .)? (?:es|das|alles) hat geklappt
            (?:<ich>)<adv>(?: (?:das|alles|es|die sache))*(?: für (?:sie|dich))? (?:geregelt|veranlasst|organisiert|abgeschlossen|vorgenommen|eingetragen|erledigt|gebucht)
            «(?:(?:alles|ist|schon|so|und|ok|okay|super|perfekt|prima|das|ja|bereits|damit) )*(?:erledigt|fertig|geschafft|geregelt|abgemacht|in trockenen tüchern|unter dach und fach|geritzt|paletti|abgehakt|hat geklappt|ist geritzt|passt)(?: (?:für sie|damit|so))*»
            (?:das|es|alles|die sache) (?:ist|wäre)(?: (?:jetzt|nun|schon|hiermit|damit|bereits|somit|soweit))* (?:erledigt|geregelt|geritzt|abgemacht|in trockenen tüchern|unter dach und fach|in ordnung gebracht|eingerichtet|fest)
            (?:das|es|alles) hat(?: [^ ,]+){0,2}? geklappt
            (?:betrachten sie|betrachte)~ (?:als )?(?:erledigt|gebucht)
            (?:<ich>)<adv>(?: [^ ,;]+){0,3}? (?:erledigt|geregelt)
        """,
        (_M, Shape.DID): r"""
            (?:<ich>)<adv>(?: (?:den|ihren|deinen) termin| sie| dich| ihn| das| es)<adv> auf(?: [^ ;:()—.!?]+| ,){0,7}? gelegt
            (?:<ich>)(?: [^ ;:()—.!?]+){0,6}? auf(?: [^ ;:()—.!?]+| ,){0,5}? 0[dt](?: [^ ;:()—.!?]+| ,){0,4}? (?:geändert|gelegt|gesetzt|verschoben|getauscht|umgestellt)
            (?:konnte|konnten)(?: [^ ;:()—.!?]+){0,9}? (?:verschieben|umbuchen|verlegen)
            (?:<ich>)(?: [^ ;:()—.!?]+){0,12}? (?:verschoben|umgebucht|verlegt|vorverlegt|umgelegt)
            (?:<ich>)<adv> (?:ihren|deinen|den|ihre|die) (?:termin|buchung|uhrzeit|termin)(?: [^ ;:()—.!?]+){0,8}? (?:geändert|angepasst|aktualisiert|getauscht)
        """,
        (_M, Shape.STATE): r"""
            (?:ist|wurde)<adv> auf(?: [^ ;:()—.!?]+| ,){0,5}? (?:geändert|verschoben|verlegt|umgebucht|gelegt)
            «(?:(?:alles|und|ok|super|erfolgreich|termin|ist) )*(?:geändert|verschoben|umgebucht|verlegt)»
            (?:umbuchung|verschiebung|terminänderung|änderung|verlegung)(?: (?!nicht)[^ ,;:()—.!?]+){0,4}? (?:hat|ist|war|wurde)(?: [^ ,]+)? (?:geklappt|durch|erfolgreich|erledigt|bestätigt|abgeschlossen|vorgenommen|fertig)
            (?:neue|neuer)(?: [^ ,]+)? termin (?:ist|lautet)<adv>(?: am| um)* (?:0d|0t)
            (?:<yourrow>|sie|du|ihr \w+)(?: (?!nicht)[^ ,;:()—.!?]+){0,5}? (?:ist|wurde|sind|wurden|bist)(?: (?!nicht)[^ ;:()—.!?]+){0,8}? (?:<moved>)
            (?:ist|wurde) (?:<yourrow>)(?: [^ ;:()—.!?]+){0,7}? (?:<moved>)
            «(?:(?:alles|und|ok|super|erfolgreich|termin|ist) )*(?:verschoben|umgebucht|verlegt)(?: (?:auf 0d|auf 0t|0d|0t|um 0t|für sie))*»
            (?:termin|buchung)<adv> (?:<moved>)
            (?:umbuchung|verschiebung|terminänderung)(?: (?:ist|wurde|war))?<adv> (?:bestätigt|erfolgreich|erledigt|abgeschlossen|durch|erfolgt|fertig)
            (?:neuer termin|ihr neuer termin|dein neuer termin)(?: ist| lautet)? (?::|—|am|ist)? ?(?:0d|0t|am 0d)
        """,
        (
            _M,
            Shape.THING,
        ): "(?:ist|wurde)<adv>(?: (?!nicht)[^ ,;:()—.!?]+){0,4}? (?:verschoben|umgebucht|verlegt)",
        (_M, Shape.WILL): r"""
            (?:werde|werden)(?: [^ ;:()—.!?]+| ,){0,9}? (?:verlegen|verschieben|umbuchen)(?! (?:können|kann))
            (?:verschiebe|verschieben|verlege|verlegen|ändere)<adv> (?:ich|wir|ihren|deinen|den|sie|dich|es|das|ihn|diesen|0d)
            (?:ich|wir)<adv> (?:verschiebe|verlege|verschieben|verlegen|ändere)(?: (?!ein)[^ ,;:()—.!?]+){0,7}?(?: um| auf 0d| auf 0t|»)
            (?:wird|werden|werde)(?: (?!nicht)[^ ;:()—.!?]+){0,8}? (?:verschoben|umgebucht|verlegt|verschieben|umbuchen|verlegen)(?! (?:können|kann))
            buche(?: [^ ,;:()—.!?]+){0,6}? um»
        """,
        (_C, Shape.DID): r"""
            (?:<ich>)(?: [^ ;:()—.!?]+){0,10}? (?:entfernt|aufgehoben|rausgenommen|herausgenommen|abgemeldet)
            (?:konnte|konnten)(?: [^ ;:()—.!?]+){0,9}? (?:stornieren|absagen|löschen)
            (?:<ich>)(?: [^ ;:()—.!?]+){0,10}? (?:storniert|abgesagt|gelöscht|gecancelt|gestrichen|annulliert|ausgetragen|rausgenommen)
        """,
        (_C, Shape.STATE): r"""
            (?:<yourrow>)(?: 0d| am 0d| um 0t| 0t)* (?:besteht|existiert|gilt) nicht mehr
            (?:(?:ihr|dein|der) termin|(?:ihre|deine|die) buchung)(?: 0d| am 0d| um 0t| 0t)* ist<adv> (?:nicht mehr im|aus dem|raus|weg|nicht mehr in unserem)
            (?:stornierung|absage|löschung)(?: (?!nicht)[^ ,;:()—.!?]+){0,4}? (?:hat|ist|war|wurde)(?: [^ ,]+)? (?:geklappt|durch|erfolgreich|erledigt|bestätigt|ausgeführt|fertig|abgeschlossen)
            (?:der|die|ihr|ihre|dein|deine|das) [^ ,]+(?: am 0d| um 0t| 0d| 0t)* (?:ist|wurde|sind)<adv> (?:aufgehoben|gestrichen|storniert|abgesagt|gelöscht|gecancelt|annulliert)
            (?:<yourrow>|sie|du|beide termine|ihre termine)(?: (?!nicht)[^ ,;:()—.!?]+){0,5}? (?:ist|wurde|sind|wurden|bist)(?: (?!nicht)[^ ;:()—.!?]+){0,6}? (?:<cancelled>)
            (?:ist|wurde) (?:<yourrow>)(?: [^ ;:()—.!?]+){0,6}? (?:<cancelled>)
            «(?:(?:alles|und|ok|super|erfolgreich|termin|ist|hiermit|buchung) )*(?:storniert|abgesagt|gelöscht|gecancelt)(?: (?:für sie|0d|am 0d|0t|um 0t|wie gewünscht))*»
            (?:<yourrow>)<adv>(?: 0d| am 0d| um 0t)* (?:<cancelled>)
            (?:stornierung|absage)(?: [^ ,]+){0,3}? (?:bestätigt|erfolgreich|erledigt|abgeschlossen|durch|erfolgt|ausgeführt|durchgeführt)
        """,
        (
            _C,
            Shape.THING,
        ): "(?:ist|wurde|sind|wurden)<adv>(?: (?!nicht)[^ ,;:()—.!?]+){0,4}? (?:storniert|abgesagt|gecancelt)",
        (_C, Shape.WILL): r"""
            (?:sage|sagen)(?: [^ ,;:()—.!?]+){0,7}? ab»
            (?:ich|wir)<adv> (?:werde|werden)(?: [^ ;:()—.!?]+){0,7}? (?:löschen|stornieren|absagen|streichen|canceln)
            (?:storniere|stornieren|lösche|streiche|cancele)<adv> (?:ich|wir|ihren|deinen|den|sie|es|das|ihn|diesen|jetzt|gleich|0d|die|ihre)
            sage(?: [^ ,;:()—.!?]+){0,7}? ab»
            (?:ich|wir)<adv> (?:storniere|lösche|streiche)
            (?:wird|werden|werde)(?: (?!nicht)[^ ;:()—.!?]+){0,8}? (?:storniert|abgesagt|stornieren|absagen|gelöscht)(?! (?:können|kann))
        """,
        (_R, Shape.DID): r"""
            (?:<ich>)(?: [^ ;:()—.!?]+){0,6}? erinnerung\w*(?: [^ ;:()—.!?]+){0,6}? (?:eingestellt|gesetzt|eingerichtet|angelegt|erstellt|geplant|aktiviert|gestellt|hinterlegt|verschickt|gesendet)
        """,
        (_R, Shape.STATE): r"""
            erinnerung\w*(?: (?!nicht)[^ ,;:()—.!?]+){0,5}? (?:eingestellt|gesetzt|eingerichtet|angelegt|erstellt|geplant|aktiviert|aktiv|gestellt|hinterlegt)
        """,
        (_R, Shape.WILL): r"""
            (?:sie|du)<adv> (?:erhalten|erhältst|bekommen|bekommst)(?: [^ ;:()—.!?]+){0,10}? erinnerung\w*
            (?:ich|wir|bot)<adv> (?:erinnere|erinnern)
            (?:erinnere|erinnern) (?:ich|wir|sie|dich)
            (?:ich|wir)<adv> (?:schicke|schicken|sende|senden|stelle|stellen|richte|setze|melde)(?: [^ ,;:()—.!?]+){0,6}? erinnerung\w*
            (?:schicke|sende|stelle|richte|setze)n? (?:ich|wir)(?: [^ ,;:()—.!?]+){0,6}? erinnerung\w*
            (?:sie|du)<adv> (?:erhalten|erhältst|bekommen|bekommst|kriegst|kriegen)(?: [^ ,;:()—.!?]+){0,8}? erinnerung\w*
            (?:erhalten|bekommen|erhältst|bekommst) (?:sie|du)(?: [^ ,;:()—.!?]+){0,8}? erinnerung\w*
            (?:sie|du)<adv> (?:werden|wirst)(?: [^ ,;:()—.!?]+){0,6}? erinnert
            erinnerung\w*(?: [^ ,;:()—.!?]+){0,4}? (?:kommt|folgt|wird|geht)(?! (?:nicht))
            (?:werde|werden)(?: (?:ich|wir|sie|dich))+(?: [^ ,;:()—.!?]+){0,5}? erinnern
        """,
        (_H, Shape.DID): r"""
            (?:<ich>)(?: [^ ;:()—.!?]+){0,6}? <staff>(?: [^ ;:()—.!?]+){0,6}? (?:informiert|benachrichtigt|verständigt|kontaktiert|weitergeleitet|weitergegeben|gebeten|bescheid gegeben|bescheid gesagt|geschrieben|übergeben|übermittelt|angeschrieben|hinzugezogen|gesendet|geschickt|gerufen|angerufen|hinterlassen|gefragt|alarmiert|verbunden)
            (?:<ich>)(?: [^ ;:()—.!?]+){0,6}? (?:weitergeleitet|weitergegeben|weitergereicht|übermittelt)
        """,
        (_H, Shape.STATE): r"""
            (?:chefin|chef|inhaberin|<staff>) (?:ist|sind)<adv> (?:im bilde|informiert|dran)
            <staff>(?: [^ ,;:()—.!?]+){0,4}? (?:ist|wurde|sind|wurden)(?: (?!nicht)[^ ,;:()—.!?]+){0,4}? (?:informiert|benachrichtigt|verständigt|kontaktiert|im bilde|alarmiert|dran)
            <staff>(?: (?:bereits|schon|jetzt))* weiß(?: [^ ,]+){0,2}? bescheid
            (?:ihre|deine|ihr|dein) (?:nachricht|anfrage|frage|anliegen|beschwerde|bitte|wunsch)(?: [^ ,]+){0,2}? (?:wurde|ist)(?: [^ ,;:()—.!?]+){0,5}? (?:weitergeleitet|weitergegeben|übermittelt|gesendet|geschickt|übergeben)
        """,
        (_H, Shape.WILL): r"""
            <staff>(?: (?!kann|nicht)[^ ,;:()—.!?]+){0,4}? kümmert sich
            <staff>(?: (?!kann|nicht)[^ ,;:()—.!?]+){0,4}? (?:meldet|melden|kontaktiert|kontaktieren|ruft|antwortet|antworten|übernimmt|schreibt|setzt sich|hilft ihnen gleich)(?! (?:kann|können))
            (?:meldet|melden|kontaktiert|ruft|antwortet)(?: sich)?(?: [^ ,;:()—.!?]+){0,4}? <staff>
            (?:wird|werden)(?: (?!nicht)[^ ,;:()—.!?]+){0,3}? <staff>(?: [^ ,;:()—.!?]+){0,5}? (?:melden|kontaktieren|anrufen|antworten|informiert|helfen|übernehmen)
            <staff>(?: [^ ,;:()—.!?]+){0,3}? (?:wird|werden)(?: (?!nicht)[^ ,;:()—.!?]+){0,6}? (?:melden|kontaktieren|anrufen|antworten|setzen|informiert|übernehmen|zurückrufen|schreiben)
            (?:es |gleich )?(?:meldet|kümmert) sich(?: [^ ,]+){0,4}? (?:jemand|bei ihnen|bei dir)
            (?:ich|wir)<adv> (?:informiere|benachrichtige|verständige|kontaktiere|rufe|frage|bitte|hole|gebe|sage|alarmiere|leite|verbinde|übergebe|reiche)n?(?: [^ ,;:()—.!?]+){0,5}? (?:<staff>|weiter)
            (?:informiere|benachrichtige|kontaktiere|verständige|leite|gebe) ich(?: [^ ,;:()—.!?]+){0,5}? (?:<staff>|weiter)
            (?:ich|wir)<adv> (?:leite|gebe|leiten|geben|reiche)(?: [^ ,;:()—.!?]+){0,8}? weiter
            (?:ich|wir) (?:verbinde|verbinden) (?:sie|dich)
            (?:werde|werden)(?: [^ ,;:()—.!?]+){0,6}? <staff>(?: [^ ,;:()—.!?]+){0,4}? (?:informieren|benachrichtigen|kontaktieren|weiterleiten|fragen|bitten|weitergeben)
            (?:werde|werden)(?: (?:ich|wir|das|es|ihre|deine|ihr))+(?: [^ ,;:()—.!?]+){0,5}? (?:weiterleiten|weitergeben)
            (?:sie|du) (?:werden|wirst)(?: [^ ,;:()—.!?]+){0,3}? (?:kontaktiert|zurückgerufen|verbunden|angerufen|weitergeleitet)
        """,
    },
    failures={
        _B: r"""
            (?:nicht|nichts|kein\w*)(?: [^ ,;:()—.!?]+){0,6}? (?:gebucht|buchen|reservieren|reserviert|eingetragen|eintragen|bestätigt|angelegt)
            (?:buchung|reservierung|termin)(?: [^ ,]+){0,4}? (?:fehlgeschlagen|nicht geklappt|gescheitert|nicht möglich|schiefgegangen)
            (?:leider )?(?:hat (?:das |es )?(?:leider )?nicht geklappt|etwas schiefgelaufen|etwas ist schiefgelaufen|fehler aufgetreten|etwas schief)
        """,
        _M: r"(?:nicht|nichts|kein\w*)(?: [^ ,;:()—.!?]+){0,6}? (?:verschoben|verschieben|umgebucht|umbuchen|verlegen|verlegt)",
        _C: r"(?:nicht|nichts|kein\w*)(?: [^ ,;:()—.!?]+){0,6}? (?:storniert|stornieren|abgesagt|absagen)",
    },
    negation=r"""
        nirgends|nirgendwo|keineswegs|keinesfalls|nicht(?! (?:nur|später|früher|vergessen|verzagen|mehr))|nichts|nie|niemals|niemand|kein(?:e|en|er|em|es)?(?! (?:problem|sorge|sorgen|ursache|thema))|noch nicht|weder|ohne|statt zu|anstatt zu|könnte|könnten|würde|würden|wäre|wären|hätte|hätten|möchte|möchten|soll|sollte|sollen|(?<!n )können|kann
    """,
    openers=r"""
        «(?:möchten|möchtest|wollen|willst|wünschen) (?:sie|du) , dass|(?:möchten|wollen|wünschen) (?:sie|du) (?:, )?dass
        stimmt(?: das)?|«(?:(?:und|also|oder|gut|dann|super|ok) )*(?:soll|sollen|möchten|möchtest|wollen|willst|darf|dürfen|kann|können|könnte|ist|sind|wird|werden|haben|hast|hat|wurde|wann|was|welche|welcher|welchen|welches|wie|wo|wer|warum|passt|wäre|würde|würden|wollten|bestätigen|brauchen|brauchst|gibt|geht|bist)
    """,
    conditions=r"mit (?:einem|ihrem|deinem) (?:tipp|klick|druck|knopf\w*|ok|ja)\w*|wenn|sobald|falls|sofern|nachdem|nach (?:ihrer|deiner|der|einer|dem|ihrem|deinem|bestätigung)|bevor|bis (?:sie|du|zur bestätigung|wir|ich)|erst|ehe|solange|damit (?:ich|wir|er|es|der|die|das|ihr|dein|sie|du)|ob|mit ihrer|mit deiner|vorausgesetzt|durch (?:tippen|klicken|drücken|ihre|deine|einen)|per (?:knopf\w*|klick|tipp)|erst dann",
    no_condition=r"""
        wenn (?:sie|du) (?:das|dies|diese nachricht) (?:lesen|liest|sehen|siehst)
        (?:sobald|wenn|falls|sollte)(?: (?!sie|du)[^ ,]+){1,4}? (?:frei wird|frei werden|frei ist|aufgeht|freikommt)
        (?:haben|hast) damit|
        (?:ist|sind|war)(?: (?:jetzt|nun|schon|bereits|damit))* durch|per (?:nachricht|sms|mail|e-mail|telegram|whatsapp)|
        mit einem (?:kollegen|menschen|mitarbeiter)
        (?:wenn|falls|sollten|sofern)(?: (?:sie|du|es|sich|ihnen|dir|noch|doch|etwas|was|irgendetwas|weitere))* (?:fragen|brauchen|brauchst|benötigen|änderungen|ändern|ändert|dazwischenkommt|dazwischen|absagen|verschieben|verhindert|ändern|etwas)
        bis (?:dann|0d|zum|bald|am|dahin|später)|nach (?:ihrem wunsch|ihren wünschen)|nach 0[dt]|damit (?:ist|sind|steht|haben|hat)|(?:ist|sind|wurde|steht) (?:damit|hiermit)|(?:dann|nun|jetzt) (?:mal|also)|alles dann|erst (?:einmal|mal)|(?:wenn|sobald) sie (?:ankommen|kommen|da sind)|wie sie
    """,
    consent=r"""
        tipp|knopfdruck|klick
        (?:bestätigen|bestätigst|bestätigung|bestätigt haben|bestätigt hast|bestätigt|tippen|tippst|klicken|klickst|drücken|drückst|zustimmen|zustimmung|zusagen|ja sagen|ok|okay|auswählen|wählen|wählst|antworten|knopf|schaltfläche|button|freigabe|nennen|mitteilen|sagen|schreiben|passt|einverstanden|tippen sie)
    """,
    requests=r"""
        (?:«|bitte |einfach |kurz |nur |und |oder |nur noch )(?:bestätigen|tippen|drücken|klicken|wählen|nennen|sagen|schreiben|schicken|senden|teilen|geben|antworten|suchen|verraten) (?:sie|mir|auf|mich|kurz|bitte|noch|einfach|einen|den|eine|die|ihren|uns)
        (?:«|bitte |einfach )(?:bestätige|tippe|tipp|drücke|drück|klicke|klick|wähle|wähl|nenne|nenn|sag|sage|schreib|schreibe|schick|antworte|such|gib|verrate|bestätigen|tippen|drücken|wählen)
        (?:brauche|benötige|brauchen|benötigen)(?: ich| wir)?(?: noch| nur| nur noch| dafür)*
        bitte prüfen|prüfen sie|kurze bestätigung|ihre bestätigung|lassen sie (?:mich|es mich) wissen|lass mich wissen
    """,
    refusals=r"""
        anders|anderer|ein anderer kunde|gerade|genommen|weg
        bereits|schon|leider|ausgebucht|belegt|vergeben|anderweitig|ander\w+|jemand\w*|voll|komplett|aber|stattdessen|alternativ\w*|durchgehend|bis 0t|nur|nicht mehr|kunden|kundin|kunde|besetzt|ganztägig|den ganzen tag|jedoch
    """,
    taking=r"gebucht|reserviert|vergeben|belegt|besetzt|geblockt|eingetragen|weg|genommen|verplant|bestätigt|vorgemerkt",
    policies=r"""
        studierende|studenten|kinder|senioren|mitglieder
        (?<!beide )(?<!ihre )(?<!deine )(?:termine|buchungen)|immer|normalerweise|grundsätzlich|generell|jede|jeder|jeden|jedem|jedes|alle|kunden|gäste|regel|kostenlos|kostenfrei|stornierungen|üblicherweise|in der regel|bei uns werden|automatisch bei|man|täglich|geöffnet|vor jedem|bei jeder|hat man
    """,
    reports=r"(?:du hast|sie haben|du) (?:geschrieben|gesagt|gemeint)|(?:sie|du) (?:schrieben|schreiben|sagten|sagen|haben geschrieben|haben gesagt|meinten|meinen|erwähnten|glauben|hatten geschrieben|wollten|möchten wissen)|laut ihnen|ihre nachricht|ihrer aussage|haben sie geschrieben|ob",
    presumed=r"jetzt wo|jetzt , wo|jetzt da|nun da|da sie ja|da ihr termin|nachdem (?:ihr|dein|der) termin(?: [^ ,]+){0,3}? ist",
    hours=r"geöffnet|öffnen|öffnet|offen|öffnungszeiten|schließen|schließt|geschlossen|zu(?! haben)|arbeiten|pause|mittagspause|arbeitszeit\w*|letzte\w* termin",
    absent=r"weg|genommen|reserviert|jemand anders|anderer kunde|ein anderer|nicht|nichts|kein\w*|leider|belegt|vergeben|ausgebucht|gebucht|besetzt|geschlossen|vorbei|vergangen\w*|statt|außerhalb|zu (?:früh|spät)|weder",
    others=r"(?:vor|schneller als) (?:ihnen|sie|dir|du)(?: [^ ,;:()—.!?]+)?|jemand (?:anders|anderes|anderer)|(?:ein|einen|einem|eine) ander\w+ (?:kund\w+|gast|person)|ander\w+ (?:leute|kunden|personen|gäste)",
    habits=r"normalerweise|üblicherweise|in der regel|immer|grundsätzlich|generell",
    free=r"wählen|zur auswahl|gehen|ginge|machbar|etwas|noch was|frei\w*|verfügbar\w*|möglich|platz|lücke|geht|ginge|passt|zeit|zu haben|anbieten|buchbar|(?<!ihr )(?<!dein )nächste\w* termin|früheste\w*",
    listing=r"habe ich|hab ich|hier (?:sind|ist)|hier|das sind|folgende|ich (?:habe|sehe)|welche\w*|wann|was|jetzt wählen",
)
