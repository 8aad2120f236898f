"""Spanish words of dates and times, of Spain and of America. Accents may be left out."""

from __future__ import annotations

from booking.phrases.vocabulary import (
    DAYS,
    EVENING,
    HOUR,
    MINUTE,
    MONTHS,
    MORNING,
    NIGHT,
    TARDE,
    WEEK,
    YEAR,
    K,
    WordList,
)

_w = WordList()

_NUMBERS = [
    *("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"),
    *("diez", "once", "doce", "trece", "catorce", "quince", "dieciséis|diez y seis"),
    *("diecisiete|diez y siete", "dieciocho|diez y ocho", "diecinueve|diez y nueve", "veinte"),
    *("veintiuno|veintiún|veintiuna", "veintidós", "veintitrés", "veinticuatro", "veinticinco"),
    *("veintiséis", "veintisiete", "veintiocho", "veintinueve"),
]
_TENS = {30: "treinta", 40: "cuarenta", 50: "cincuenta"}
_DAY_NAMES = ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"]

for _n, _word in enumerate(_NUMBERS):
    _w.add(K.NUM, _word, _n)
for _n, _ten in _TENS.items():
    _w.add(K.NUM, _ten, _n)
    for _d, _word in enumerate(_NUMBERS[1:10], start=1):
        _w.add(K.NUM, f"{_ten} y {_word.split('|')[0]}", _n + _d)
_w.add(K.ORD, "primero|primer", 1)
_w.add_all(K.ONE, {1: "un|una", 2: "par de|un par de"})
_LED_ONE = "a la una|para la una|sobre la una|hacia la una|como a la una|a eso de la una"
_w.add(K.HOUR_ONE, f"la una|{_LED_ONE}", 2)
_w.add(K.UNTIL, "a la una", 1)

_w.add_all(
    K.MONTH,
    {
        1: "enero|ene",
        2: "febrero|feb",
        3: "marzo|mzo",
        4: "abril|abr",
        5: "mayo|may",
        6: "junio|jun",
        7: "julio|jul",
        8: "agosto|ago|agto",
        9: "septiembre|setiembre|sep|sept|set",
        10: "octubre|oct",
        11: "noviembre|nov",
        12: "diciembre|dic",
    },
)
_w.add_all(K.WEEKDAY, dict(enumerate(_DAY_NAMES)))
_w.add(K.DATED, "|".join(_DAY_NAMES))
_w.add_all(K.WEEKDAY, {0: "lun", 2: "mié|miér|miérc", 3: "jue|juev", 4: "vie|vier", 5: "sáb"})
_w.add(K.DATED, "lun|mié|miér|miérc|jue|juev|vie|vier|sáb")
_w.add_all(K.WEEKDAY_SHORT, {1: "mar", 6: "dom"})
_w.add_all(
    K.DAY,
    {
        0: "hoy|hoy mismo|hoy día|el día de hoy|hoy más tarde|más tarde hoy",
        1: "mañana|mañana mismo|el día de mañana",
        2: "pasado mañana",
        -1: "ayer",
        -2: "anteayer|antier|antes de ayer",
    },
)
_w.add_all(
    K.DAYPART,
    {MORNING: "esta mañana", TARDE: "esta tarde", NIGHT: "esta noche|esta nochecita"},
)
for _days, _name in enumerate(("hoy", "mañana")):
    for _part, _word in ((TARDE, "tarde"), (NIGHT, "noche")):
        _w.add(K.DAY, f"{_name} {_word}", _days)
        _w.add(K.DAYPART, f"{_name} {_word}", _part)
_w.add_all(
    K.UNIT,
    {
        MINUTE: "minuto|minutos|min|mins",
        HOUR: "hora|horas",
        DAYS: "día|días",
        WEEK: "semana|semanas",
        MONTHS: "mes|meses",
        YEAR: "año|años",
    },
)
_w.add_all(
    K.HALF_UNIT,
    {
        15: "cuarto de hora|un cuarto de hora",
        30: "media hora|una media hora|media horita",
        45: "tres cuartos de hora",
        90: "hora y media|una hora y media",
    },
)
_w.add(K.WEEKEND, "fin de semana|finde|el fin de semana|el finde")
_w.add(K.DAY_BESIDE, "el día|al día|día")
# "el próximo viernes", "el viernes que viene": the first one after today.
_COMING = "próximo|próxima|que viene|siguiente|entrante|que entra"
_w.add(K.COMING, f"{_COMING}|el próximo|la próxima|el siguiente|la siguiente")
_w.add(K.COMING, "próximos|próximas|los próximos|las próximas")
for _before in ("", "la "):
    _w.add(K.WEEK_AHEAD, "|".join(f"{_before}semana {w}" for w in _COMING.split("|")), 1)
    _w.add(K.WEEK_AHEAD, f"{_before}próxima semana|{_before}siguiente semana", 1)
    _w.add(K.WEEK_AHEAD, f"{_before}semana de después|{_before}semana subsiguiente", 2)
for _before in ("", "el "):
    _w.add(K.MONTH_AHEAD, "|".join(f"{_before}mes {w}" for w in _COMING.split("|")), 1)
    _w.add(K.MONTH_AHEAD, f"{_before}próximo mes|{_before}siguiente mes", 1)
# Eight days and a fortnight counted as Spanish counts them: both ends are days.
for _words, _weeks in (("ocho", 1), ("quince", 2)):
    _w.add(
        K.WEEKS_ON,
        f"en {_words} días|dentro de {_words} días|de hoy en {_words} días|de hoy en {_words}"
        f"|de aquí a {_words} días|de aquí en {_words} días",
        _weeks,
    )
_w.add(K.IN, "en|dentro de|de aquí a")
_w.add(K.WITHIN, "en el plazo de|en menos de")
_w.add(K.FROM_NOW, "a partir de hoy|a partir de ahora|desde hoy|desde ahora|contando desde hoy")
_w.add(K.THIS, "este|esta|el presente|este mismo|corriente|en curso")
_w.add(K.LAST, "pasado|pasada", 1)
_w.add(K.LAST, "último|última")
_w.add_all(
    K.RANK,
    {
        1: "primer|primera",
        2: "segundo|segunda",
        3: "tercer|tercero|tercera",
        4: "cuarto|cuarta",
        -1: "último|última",
    },
)
for _of in ("de", "del"):
    _w.add_all(
        K.STRETCH,
        {
            0: f"a principios {_of}|principios {_of}|a comienzos {_of}|comienzos {_of}"
            f"|al principio {_of}|al comienzo {_of}|a inicios {_of}|inicios {_of}",
            1: f"a mediados {_of}|mediados {_of}|a mitad {_of}|mitad {_of}",
            2: f"a finales {_of}|finales {_of}|a fines {_of}|fines {_of}|al final {_of}"
            f"|a final {_of}|final {_of}|a fin {_of}|fin {_of}",
        },
    )
_w.add_all(
    K.FEAST,
    {
        101: "año nuevo",
        106: "reyes|día de reyes",
        214: "san valentín",
        1224: "nochebuena",
        1225: "navidad|día de navidad",
        1231: "nochevieja|fin de año|noche vieja",
    },
)
_w.add_all(
    K.MOVABLE,
    {
        -47: "martes de carnaval",
        -46: "miércoles de ceniza",
        -7: "domingo de ramos",
        -3: "jueves santo",
        -2: "viernes santo",
        -1: "sábado santo|sábado de gloria",
        0: "domingo de pascua|domingo de resurrección|pascua",
        1: "lunes de pascua",
        49: "domingo de pentecostés|pentecostés",
        50: "lunes de pentecostés",
    },
)
_w.add(K.EASTERTIDE, "pascua|pentecostés")
_w.add(
    K.FILLER,
    "black friday|viernes negro|cyber monday|ciberlunes|lunes de carnaval|lunes santo|martes santo"
    "|miércoles santo|jueves de ascensión|jueves de corpus|corpus christi|domingo de carnaval",
)

_w.add_all(
    K.PART,
    {
        MORNING: "por la mañana|en la mañana|a la mañana|por las mañanas|en las mañanas|temprano"
        "|a primera hora|antes de comer|por la mañanita|tempranito|a media mañana"
        "|a primera hora de la mañana|bien temprano|temprano por la mañana|x la mañana"
        "|a última hora de la mañana|la mañana del|antes del trabajo|antes de trabajar",
        TARDE: "por la tarde|en la tarde|a la tarde|por las tardes|en las tardes|después de comer"
        "|después del almuerzo|tras la comida|tras el almuerzo|a media tarde|a última hora"
        "|a primera hora de la tarde|a última hora de la tarde|por la tardecita|x la tarde"
        "|la tarde del",
        EVENING: "después del trabajo|después de trabajar|al salir del trabajo"
        "|cuando salga del trabajo",
        NIGHT: "por la noche|en la noche|a la noche|de noche|por las noches|en las noches"
        "|x la noche|la noche del",
    },
)
_w.add(K.ON, "la mañana del|la tarde del|la noche del", 2)
_w.add_all(
    K.PART_SUFFIX,
    {
        MORNING: "de la mañana|de la madrugada|de la mañanita",
        TARDE: "de la tarde|del mediodía|del día|de la tardecita",
        NIGHT: "de la noche",
    },
)
for _day, _name in enumerate(_DAY_NAMES):
    for _part, _words in (
        (MORNING, "mañana"),
        (TARDE, "tarde|a la tarde"),
        (NIGHT, "noche|a la noche"),
    ):
        for _word in _words.split("|"):
            _w.add(K.WEEKDAY, f"{_name} {_word}", _day)
            _w.add(K.PART, f"{_name} {_word}", _part)
_w.add_all(K.MERIDIEM, {0: "am|a m", 12: "pm|p m"})
_w.add_all(K.MINUTES_PAST, {15: "y cuarto", 30: "y media"})
_w.add(K.MINUTES_PAST, "menos cuarto", -15)
_w.add(K.PLUS, "y")
_w.add(K.MINUS, "menos")
_w.add(K.QUARTER_TO, "cuarto para las|un cuarto para las|cuarto para|un cuarto para")
_w.add(K.TO, "para las")
_w.add(K.OCLOCK, "h|hs|hrs|hr|en punto", 2)
_w.add(K.OCLOCK, "horas|hora", 0)
_w.add(K.NOON, "mediodía|medio día|el mediodía|el medio día|al mediodía|al medio día|a mediodía")
_w.add(K.MIDNIGHT, "medianoche|media noche|la medianoche|la media noche")

_w.add(K.AT, "a las|las|para las|a la", 2)
_w.add(K.ON, "el|al|del|día|el día|al día|del día|los días", 2)
_w.add(K.ON, "en|para")
_w.add(K.FOR, "para|por|para las|para el")
_w.add(
    K.ON,
    "para el|hacia el|sobre el|después del|antes del|a partir del|desde el|hasta el|no antes del"
    "|no más tarde del|no después del",
    2,
)
_w.add(K.THE, "el|la|los|las")
_w.add(K.OF, "de|del|en|en el")
_w.add(
    K.AFTER,
    "después de|después del|más tarde de|no antes de|no antes del|pasadas|pasado|tras"
    "|nunca antes de|luego de",
)
_w.add(
    K.BEFORE,
    "antes de|antes del|hasta|hasta el|no más tarde de|no más tarde del|no después de"
    "|no después del|como muy tarde|como tarde|a más tardar|como máximo",
)
_w.add(K.SINCE, "desde|a partir de|a partir del|desde el|a contar de")
_w.add(K.SINCE, "de|del", 1)
_w.add(K.UNTIL, "a|al|hasta|hasta el")
_w.add(K.UNTIL, "a las|a la", 1)
_w.add(K.OR_LATER, "o más tarde|en adelante|como pronto|como muy pronto|y más tarde")
_w.add(K.OR_EARLIER, "como muy tarde|como tarde|a más tardar|como máximo")
_w.add(K.BETWEEN, "entre")
_w.add(K.AND, "y|e")
_w.add(K.OR, "o|u|o bien|o si no|o sino")
_w.add(
    K.ABOUT,
    "sobre|hacia|alrededor de|a eso de|como|como a|tipo|cerca de|más o menos|aproximadamente|aprox"
    "|más o menos a|aproximadamente a|por ahí de|a alrededor de|cosa de|tirando a",
)
_w.add(K.NOT, "no|ni|excepto|salvo|menos|que no sea|todo menos|pero no|no puedo|no puede ser")
_w.add(
    K.NO_GOOD,
    "no puedo|no me viene bien|no me va bien|no me va|no me viene|no me queda bien|no podré"
    "|no me vienen bien|no me van bien|no me van"
    "|no me conviene|imposible|no puede ser|no me sirve|no voy a poder|no me es posible|no",
)
_w.add(
    K.MOVE,
    "mover|moverla|moverlo|mueve|muévela|muévelo|muéveme|mueva|cambiar|cambia|cambio|cámbiame"
    "|cámbiala|cámbialo|cambiarla|cambiarlo|cambie|pasar la cita|pasar mi cita|pasarla|pasarlo"
    "|pásame|pásala|reprogramar|reprograma|reagendar|aplazar|posponer|retrasar|atrasar|adelantar"
    "|trasladar|en vez de|en lugar de|en vez del|en lugar del",
)
_w.add(
    K.COUNTED,
    "persona|personas|niño|niños|niña|niñas|hijo|hijos|hija|hijas|adulto|adultos|amigo|amigos"
    "|amiga|amigas|invitado|invitados|comensal|comensales|vez|veces|euro|euros|dólar|dólares"
    "|peso|pesos|por ciento|minutos|minuto|día|días|semana|semanas|mes|meses|año|años"
    "|cita|citas|corte|cortes|sesión|sesiones|servicio|servicios|clase|clases|plaza|plazas"
    "|asiento|asientos|sitio|sitios|lugares|lugar|piso|pisos|planta|plantas|habitación"
    "|habitaciones|opción|opciones|kilo|kilos|kg|km|estrellas|cosa|cosas|pregunta|preguntas"
    "|masaje|masajes|tratamiento|tratamientos|de cada|de nosotros|de nosotras|mujeres|hombres"
    "|chicos|chicas|turno|turnos|reserva|reservas|hueco|huecos|consulta|consultas|uñas|grados|mil"
    "|cientos|puntos|metros|calle|número|más|otro|otra|pax|de descuento|de ellos|y medio",
)
_w.add(
    K.NTH,
    "vez|cita|visita|piso|planta|sesión|clase|turno|consulta|intento|línea|fila|opción|puesto",
)
_w.add(
    K.FILLER,
    "por favor|porfa|gracias|si|sí|va|viene|me|nos|te|le|se|es|está|estaría|sería|fuera|puede"
    "|puedo|podría|podrían|podemos|quiero|querría|quisiera|tengo|tienes|tienen|tiene|hay|con|sin"
    "|bien|perfecto|vale|ok|que|pero|porque|mejor|también|solo|sólo|estaré|estoy|iré|voy|venir"
    "|ir|por|necesito|reservar|libre|libres|disponible|algo|lo|tal|vendría|da|queda|cuando",
)
# Phrases that hold such a word and say nothing about a date.
_w.add(K.FILLER, "el primero que|la primera que|lo primero que")
_w.add(
    K.FILLER,
    "buenos días|buen día|buenas tardes|buenas noches|muy buenas|que tengas buen día"
    "|que tenga buen día|feliz tarde|feliz noche|feliz día|buena tarde|buena noche|feliz finde"
    "|buen fin de semana|buen finde|feliz fin de semana|linda tarde|lindo día|por qué no"
    "|todo el día|todos los días|cada día|una vez|otra vez|la próxima vez|próxima vez"
    "|la última vez|última vez|la primera vez|primera vez|el otro día|el año pasado|un día"
    "|algún día|más tarde|cada uno|un momento|un segundo|un minuto|por semana"
    "|por fin|al fin|a la vez|a la espera|el mar|al mar|set de|de una vez|día a día",
)
# Days that come again each week aren't one date.
_w.add(K.FILLER, "|".join(f"los {name}" for name in _DAY_NAMES))

SPANISH = _w.build(
    "es",
    ordinal_suffixes="º|o|ro|ero|er|ª",
    dotted_ordinals=False,
    forgiving=(K.WEEKDAY, K.MONTH, K.DAY),
    never_misspelled="vienes|viene|vieres|sabido|salado|sacado|sábados|domingos|mañanas|banana"
    "|bananas|montana|montaña|semana|semanas|partes|martos|marte|martas|jueces|huevos|nueves"
    "|puertas|cubre|angosto|a gusto|marcos|diciendo|febriles|junios|domingas|pasado|dominio",
)
