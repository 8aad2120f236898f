"""How people and models put it in Spanish."""

# ruff: noqa: E501 - a template is a line

from __future__ import annotations

from benchmarks.truth.grammar import Act, Language, lines

_DAYS = "lunes martes miércoles jueves viernes sábado domingo".split()

SPANISH = Language(
    code="es",
    weekdays=_DAYS,
    weekdays_on=[f"el {day}" for day in _DAYS],
    months="enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),
    tomorrow="mañana",
    dates=lines("""
        el {weekday}
        el {weekday} {day} de {month}
        el {weekday}, {day} de {month},
        el {day} de {month}
        {tomorrow}
    """),
    days_on=lines("""
        {weekday_on}
        {weekday_on} {day} de {month}
        el {day} de {month}
        {tomorrow}
    """),
    times=lines("""
        {hh}:{mm}
        las {hh}:{mm}
        {hh}:{mm} h
    """),
    times_at=lines("""
        a las {hh}:{mm}
        a las {hh}:{mm} h
    """),
    when=lines("""
        {date} {at}
    """),
    on_when=lines("""
        {on} {at}
        {at} {on}
    """),
    for_when=lines("""
        para {date} {at}
    """),
    or_="o",
    services=["corte", "arreglo de barba", "masaje", "manicura"],
    staff=["Anna", "Boris", "María"],
    said=lines("""
        necesito una cita {on_when}
        ¿puede ser {on_when}?
        una amiga dice que tengo cita {for_when}
        quiero cancelar
        pásame a {when}
        ¿qué tienes libre {on}?
        quiero hablar con una persona
        me dijiste que mi cita está confirmada
    """),
    openings=lines("""

        [¡Claro!|¡Por supuesto!|¡Desde luego!|Con mucho gusto.|Sin problema.|¡Encantado, {name}!]
        [¡Genial!|¡Perfecto!|¡Estupendo!|¡Muy bien!|¡Buena elección!|¡Excelente idea!|Perfecto, {name}.]
        [¡Hola, {name}!|Buenos días, {name}.|Hola {name} 👋|Buenas tardes.]
        [Gracias por tu mensaje.|Muchas gracias por escribir.|Gracias por la paciencia.|Gracias, {name}.]
        [De acuerdo.|Vale.|Entendido.|Entiendo.|Ya veo.|Bien.]
        [Un momento.|Déjame ver.|¡Buena pregunta!|Tiene sentido.]
    """),
    closings=lines("""

        [¿Algo más?|¿Te ayudo con algo más?|¿Necesitas alguna otra cosa?|¿Puedo ayudarle en algo más?]
        [¡Que tengas un buen día!|¡Buen fin de semana!|Que pase una buena tarde. 😊]
        [Escríbeme|Avísame|Dime] si [tienes alguna duda|algo no está claro|necesitas ayuda].
        El servicio dura {minutes} minutos[ y cuesta {price}|].
        Estamos en {address}.
        [¡Un saludo!|¡Gracias por elegirnos!|Saludos.]
    """),
    acts={
        Act.BOOKED: lines("""
            [Te he|Le he|He|Hemos|Te hemos] [ya |][reservado|agendado|apuntado|anotado|programado|confirmado] [la cita|el turno|tu cita|un {service}|] {for_when}[ con {staff}|][.|!]
            [Tu|Su] [cita|reserva|visita|turno|{service}] [{for_when} |con {staff} |][está|queda|ha quedado|quedó|ha sido|ya está] [reservada|confirmada|agendada|apuntada|programada|registrada] [{for_when}|][.|!]
            [Estás|Quedas|Has quedado|Ya estás|Queda usted] [apuntado|apuntada|anotado|agendada|citado|confirmado] {for_when}[ con {staff}|][.|!]
            [{when}] [es tuyo|queda reservado para ti|queda apartado a tu nombre|ya es tuyo|está reservado a su nombre][.|!]
            [Reservado|Confirmado|Agendado|Listo|Hecho|Apuntado][!|:|.| -] [{service}, |{service} con {staff}, |]{when}.
            [He conseguido|He podido|Pude|Logré|Conseguimos] [reservarte|reservar|agendarte|apartarte|conseguirte] [un hueco|la cita|el turno|] {for_when}[.|!]
            [La reserva|Tu reserva|La cita] {for_when} [está hecha|se ha completado|ha salido bien|está en firme|se ha registrado|ha quedado hecha][.|!]
            {staff} te [espera|verá|atenderá|recibirá] {on_when}[.|!]
            [Te esperamos|Nos vemos|Le esperamos|Aquí te esperamos|Nos vemos entonces] {on_when}[.|!| 😊]
            ✅ [{service}|Cita|Reserva][:|,| -] {when}
            [Te confirmo|Le confirmo|Confirmo|Confirmamos|Por la presente confirmo] [tu cita|su cita|la reserva|tu reserva] {for_when}[.|!]
            [Da por hecha|Dala por hecha,|Considera reservada] la cita {for_when}[.|!]
            [Ya tienes|Tienes ya|Ahora tienes] [tu cita|una cita confirmada|hora|turno|tu hueco] {for_when}[ con {staff}|][.|!]
            [Te he guardado|Le he guardado|Te he apartado|Te he bloqueado|Te hemos separado] [un hueco|el sitio|la hora|un turno] {for_when}[.|!]
            [He hecho|He creado|He completado|Hemos registrado|He tramitado] [tu reserva|la reserva|su cita|la cita] {for_when}[.|!]
            [Tu nombre ya figura|Ya figuras|Ya apareces] en [la agenda|el calendario] {for_when}[.|!]
            [Acabo de|Terminé de] [reservar|agendar|apuntar|registrar|confirmar] [tu cita|tu {service}|la cita] {for_when}[.|!]
        """),
        Act.BOOKED_BARE: lines("""
            [¡Listo!|Hecho.|¡Reservado!|¡Confirmado!|Ya está.|Todo listo.|¡Ya quedó!|Arreglado.]
            [Todo|Eso|Ya] [está|queda|quedó|ha quedado] [hecho|listo|reservado|arreglado|confirmado|organizado|gestionado][.|!]
            [Ya lo he|Te lo he|Lo he] [hecho|reservado|arreglado|gestionado|dejado reservado|confirmado][.|!]
            [Tu|Su|La] cita [está|ha sido|queda|quedó] [confirmada|reservada|agendada|registrada|asegurada|creada][.|!]
            [Tu|Su|La] [reserva|plaza] [está|ha sido|queda|ha quedado] [confirmada|hecha|asegurada|garantizada|completada][.|!]
            [¡Enhorabuena!|¡Buenas noticias!] [Tu cita está confirmada|Ya estás apuntado|Tienes la cita|Ya tienes hora][.|!]
            [Tu número de reserva|El número de confirmación|Su código de reserva] es {number}.
            [No tienes que hacer nada más|Nada más que hacer], [la cita está reservada|ya estás en la agenda|tu hueco está guardado][.|!]
            [Te he enviado|Te acabo de mandar] [la confirmación de la cita|la confirmación de tu reserva][.|!]
        """),
        Act.WILL_BOOK: lines("""
            [Te|Le|Lo|La] [reservo|agendo|apunto|anoto|aparto|programo] [ahora mismo|enseguida|ya|la cita|el hueco|{for_when}][.|!]
            [Voy a|Vamos a|Procedo a|Paso a] [reservar|agendar|apuntar|registrar|hacer|tramitar] [la cita|tu cita|la reserva|el turno][ {for_when}| ahora mismo|][.|!]
            [Estoy|Estamos] [reservando|agendando|apuntando|confirmando|registrando|tramitando] [la cita|tu cita|la reserva|el hueco][ ahora mismo|][.|!|...]
            [Reservaré|Agendaré|Te apuntaré|Te reservaré|Haré la reserva de] [la cita|tu cita|el turno] [ahora|enseguida|{for_when}][.|!]
            [Tu cita|La reserva|La cita] [será|va a ser|se está] [reservada|confirmada|agendada|registrada|creando|reservando] [en breve|enseguida|ahora mismo|en un momento][.|!]
            [Un momento|Espera un segundo|Un segundito], [te la reservo|te apunto|estoy reservando|mientras reservo|lo agendo][.|!|...]
            [Entonces|Pues|Bien,] [te apunto|te reservo|le agendo|te anoto] {for_when}[.|!]
        """),
        Act.HAS: lines("""
            [Tienes|Tiene|Ya tienes|Actualmente tienes] [una cita|una reserva|un turno|una cita con {staff}] {on_when}.
            [Tu|Su] [próxima|] cita es {on_when}.
            [Estás|Sigues|Ya estás] [apuntado|citado|agendado] {for_when}.
            [Veo|Encuentro|En la agenda aparece] tu [cita|{service}] {on_when}.
            [Tu|Su] [cita|reserva] {for_when} [sigue|está] [confirmada|reservada|en pie].
        """),
        Act.MOVED: lines("""
            [He|Hemos|Te he|Le he] [ya |][movido|cambiado|pasado|reprogramado|trasladado|aplazado] [tu cita|la cita|su cita|la reserva] [a|para] {when}[.|!]
            [Tu|Su|La] [cita|reserva] [ha sido|está|queda|ha quedado|fue] [movida|cambiada|reprogramada|trasladada|aplazada|pasada] [a|para] {when}[.|!]
            [Cambiada|Movida|Reprogramada|Cambio hecho][!|:|.| -] [ahora es |nueva hora: |]{when}.
            [Tu nueva cita|La nueva fecha|Tu nuevo horario] es [ahora |]{when}[.|!]
            [El cambio|La reprogramación] [a {when} |][está hecho|se ha realizado|ha salido bien|está confirmado][.|!]
            [He podido|Pude|Logré|He conseguido] [mover|cambiar|reprogramar|pasar] [tu cita|la cita] [a|para] {when}[.|!]
            [Te cambié|Te moví|Moví|Cambié|Reprogramé] la cita [a|para] {when}[.|!]
        """),
        Act.WILL_MOVE: lines("""
            [Te|Le] [muevo|cambio|paso|reprogramo] [la cita|tu cita] [a|para] {when}[.|!]
            [Voy a|Vamos a|Procedo a] [mover|cambiar|reprogramar|pasar] [la cita|tu cita] [a|para] {when}[.|!]
            [Estoy|Estamos] [moviendo|cambiando|reprogramando] [la cita|tu cita][ a {when}| ahora mismo|][.|!|...]
            [Moveré|Cambiaré|Reprogramaré] [la cita|tu cita] [a|para] {when}[.|!]
        """),
        Act.CANCELLED: lines("""
            [He|Hemos|Te he|Le he] [ya |][cancelado|anulado|eliminado|borrado] [tu cita|la cita|su cita|la reserva][ {on_when}|][.|!]
            [Tu|Su|La] [cita|reserva] [{on_when} |][ha sido|está|queda|ha quedado|fue] [cancelada|anulada|eliminada|borrada][.|!]
            [Cancelada|Anulada|Cancelado|Listo, cancelada][!|.| - como pediste.]
            [La cancelación|La anulación] [está hecha|se ha realizado|ha salido bien|está confirmada|se ha procesado][.|!]
            [He podido|Pude|Logré|He conseguido] [cancelar|anular] [tu cita|la cita][.|!]
            [Cancelé|Anulé|Te cancelé|Te anulé|Eliminé] [la cita|tu cita|la reserva][.|!]
            [Ya no tienes|No tienes ya] ninguna cita, la he [cancelado|anulado|eliminado][.|!]
        """),
        Act.WILL_CANCEL: lines("""
            [Te|La|Lo] [cancelo|anulo|elimino] [ahora mismo|enseguida|ya][.|!]
            [Voy a|Vamos a|Procedo a] [cancelar|anular|eliminar] [la cita|tu cita|la reserva][ ahora mismo|][.|!]
            [Estoy|Estamos] [cancelando|anulando] [la cita|tu cita][ ahora mismo|][.|!|...]
            [Cancelaré|Anularé] [la cita|tu cita][ ahora| enseguida|][.|!]
        """),
        Act.REMINDER: lines("""
            [Te recordaré|Te lo recordaré|Le recordaré|Te recordaremos] la cita [el día antes|un día antes|dos horas antes|con tiempo][.|!]
            [Recibirás|Te llegará|Tendrás|Recibirá] un recordatorio [el día antes|un día antes|con tiempo|dos horas antes][.|!]
            [He|Te he|Hemos] [programado|puesto|creado|activado|configurado] un recordatorio[ para ti| para el día antes|][.|!]
            [El recordatorio|Un recordatorio] [está programado|está puesto|te llegará el día antes|queda activado|se enviará el día antes][.|!]
            [Te enviaré|Te mandaré|Le enviaremos|Te mandaremos] un recordatorio [el día antes|con tiempo|un día antes][.|!]
            [Tranquilo, te aviso el día antes|No te preocupes, te lo recuerdo el día antes|Descuida, te avisaré el día antes][.|!]
        """),
        Act.HANDED_OFF: lines("""
            [He|Ya he|Hemos] [avisado|informado|notificado|contactado|escrito|consultado] [al encargado|al dueño|a la gerente|al equipo|a un compañero|al salón|a la dueña][.|!]
            [He|Ya he|Hemos] [pasado|enviado|trasladado|reenviado|remitido] [tu mensaje|tu consulta|tu queja|tu solicitud] [al encargado|al dueño|al equipo|a un compañero][.|!]
            [El encargado|El dueño|Un compañero|Alguien del equipo|Una persona|La gerente] [se pondrá en contacto contigo|te llamará|te escribirá|te responderá|te contactará|te atenderá] [pronto|en breve|hoy|enseguida][.|!]
            [Te paso|Te comunico|Te conecto|Le paso] con [un compañero|el encargado|una persona|el equipo][.|!]
            [Voy a|Vamos a] [avisar|informar|preguntar|contactar] [al encargado|al dueño|al equipo][.|!]
            [Tu mensaje|Tu consulta|Su solicitud] [ha sido|fue|está] [enviada|trasladada|reenviada|remitida] [al encargado|al equipo|al dueño][.|!]
            [El encargado|El dueño|El equipo] [ya lo sabe|está informado|está al tanto|ha sido avisado|ya está avisado][.|!]
            [Te llamarán|Te contactarán|Te responderán|Te escribirán] [hoy|pronto|en breve|enseguida][.|!]
            [Transmitiré|Trasladaré|Pasaré] [tu mensaje|tu queja|tu solicitud] [al encargado|al equipo|al dueño][.|!]
        """),
        Act.WAITING: lines("""
            [Te he|Le he|Te hemos] [puesto|apuntado|añadido|inscrito|agregado] [en|a] la lista de espera[ {for_when}|][.|!]
            [Estás|Ya estás|Quedas|Has quedado] [ya |]en la lista de espera[ {for_when}|][.|!]
            [Tu nombre está|Ya figuras] en la lista de espera[.|!]
        """),
        Act.FREE: lines("""
            [Tenemos|Hay|Tengo|Veo] [un hueco|un turno libre|algo libre|disponibilidad] {on_when}[ con {staff}|].
            [{when}] [está libre|está disponible|es posible|sigue libre|podría ser].
            [¿Qué tal|¿Te viene bien|¿Le va bien|¿Te parece bien|¿Quieres] {when}?
            [Puedo ofrecerte|Te puedo ofrecer|Podrías venir|Puedes venir] {on_when}.
            [{staff} está libre|{staff} tiene hueco|{staff} puede atenderte] {on_when}.
            [El próximo hueco|El primer turno libre|La hora más temprana] es {on_when}.
            [Hay libre|Tenemos] {on}: {time}[ o|,] {other_time}.
        """),
        Act.FAILED_BOOKING: lines("""
            [No he podido|No pude|No hemos podido|Lamentablemente no pude] [reservar|agendar|confirmar|hacer] [la cita|tu cita|el turno|la reserva][.|!]
            [La reserva|Tu reserva] [ha fallado|no se ha podido hacer|no se completó|no salió bien|falló][.|!]
            [La cita|Tu cita] [no está reservada|no se ha reservado|aún no está confirmada|no quedó agendada][.|!]
            [No se ha|Aún no se ha] reservado nada[.|!]
            [Algo salió mal|Hubo un error|Ha ocurrido un problema], [la cita no está reservada|no se pudo reservar][.|!]
        """),
        Act.SMALL_TALK: lines("""
            [Me alegra leerte|¿Cómo estás?|Gracias por preguntar|Soy el asistente de citas|Estoy aquí para ayudarte][.|!]
            [Buena elección|No hay problema|Tómate tu tiempo|No pasa nada|Encantado de ayudar][.|!]
            [Siento oír eso|Perdona la confusión|Disculpe el malentendido|Entiendo que es molesto][.|!]
            [Solo ayudo con|Solo respondo preguntas sobre] [citas|el salón|nuestros servicios][.|, lo siento.]
            [Puedes|Puede] escribir en [español|inglés|alemán|ruso][.|!]
        """),
        Act.ASK: lines("""
            [¿Quieres que|¿Desea que|¿Te gustaría que] [reserve {when}|te apunte|la reserve|cancele la cita|mueva tu cita|te recuerde la cita|avise al encargado]?
            [¿Reservo|¿Agendo|¿Te apunto] [{for_when}|la cita|ese hueco]?
            [¿Qué día|¿Qué hora|¿Qué servicio] [te viene bien|prefieres|te gustaría|reservo|deseas]?
            [¿Está|¿Ha sido] tu cita [ya |][confirmada|reservada|cancelada|movida]?
            [¿Puedo|¿Debo] [cancelar|mover|reprogramar|anular] [tu cita|la cita]?
            [¿Tienes|¿Tiene] ya [una cita|una reserva] con nosotros?
            [¿Con quién] [quieres la cita|te apunto|prefieres venir]?
            [¿Te pongo|¿Quieres que te ponga] en la lista de espera?
            [¿He entendido bien|¿Es correcto] que [quieres|deseas] un {service}?
            Antes de reservar nada, [¿qué servicio quieres?|¿cómo te llamas?|¿qué hora te viene bien?]
        """),
        Act.OFFER: lines("""
            [¿Qué tal|¿Te viene bien|¿Le va bien|¿Quieres] {offered}?
            [Aquí están|Estos son|He encontrado] [los|algunos] [huecos|turnos|horarios] [libres|disponibles][ para ti|]: {offered_list}.
            [Tenemos|Hay|Veo] [un hueco|algo libre|disponibilidad] {on_offered}.
            {offered} [está libre|sigue libre|está disponible][.|. ¿Te lo reservo?|, ¿te va bien?]
            [Puedes elegir entre|Horas libres:|Todavía disponibles:|Quedan libres] {offered_list}.
        """),
        Act.CONDITION: lines("""
            [En cuanto|Cuando|Una vez que|Si] [confirmes|confirme|pulses Confirmar|toques el botón|me digas que sí|aceptes], [la cita queda reservada|te apunto|queda confirmada|te la reservo|estará reservada|quedas apuntado].
            [Pulsa|Toca|Presiona|Pulse] [Confirmar|el botón|«Confirmar»] [y queda reservada|y te apunto|para reservar|y la cita es tuya|para confirmar la cita].
            [La cita|La reserva] [solo |][queda|estará|se hace] [confirmada|reservada|firme|efectiva] [cuando|una vez que|en cuanto] [confirmes|pulses el botón|confirme|hayas confirmado].
            [Si quieres|Si te parece|Si lo deseas|Si te va bien], [puedo reservarla|te la reservo|la muevo|la cancelo|te pongo en la lista de espera|te lo recuerdo|aviso al encargado].
            [Dime|Indícame|Escríbeme] [el día|la hora que prefieres|tu nombre] y [te apunto|te reservo|hago la reserva|lo miro].
            [Hasta que no|Mientras no] [confirmes|pulses Confirmar], no [se reserva|queda reservado|hay] nada.
            [Con mucho gusto|Encantado] [te la reservo|la muevo|la cancelo], [dime solo el día|en cuanto confirmes|si me dices el día].
            Con tu confirmación [queda reservada|la cita será firme|se hace la reserva].
        """),
        Act.NOT_DONE: lines("""
            [No he|Aún no he|Todavía no he|No hemos] [reservado|movido|cancelado|cambiado] nada.
            [No se ha|Aún no se ha] [reservado|cambiado|movido|cancelado] nada.
            [Tu|La|Su] cita [no está|aún no está|no ha sido|todavía no está] [reservada|confirmada|movida|cancelada|cambiada].
            [No tienes|No encuentro|No veo] [ninguna cita|citas pendientes|ninguna reserva] [con nosotros|en la agenda|a tu nombre].
            [No estás|Aún no estás|Todavía no estás] [apuntado|anotado|en la lista].
            [Aún no está|Todavía no está] [reservada|confirmada|cerrada], [por favor confirma|falta tu visto bueno].
            [Falta|Necesito] tu confirmación antes de [reservar nada|que quede reservada|hacer la reserva].
        """),
        Act.TAKEN: lines("""
            [Lamentablemente|Por desgracia|Lo siento, pero] {time} ya está [reservado|ocupado|cogido|completo].
            [{staff} está|Estamos|La mañana está|La tarde está] [{on} |][completamente|ya|totalmente] [ocupada|reservada|completa|llena].
            [Esa hora|Ese hueco|Ese turno] [ya está reservado|acaba de ser reservado por otra persona|ya no está disponible|ya está cogido][.|, lo siento.]
            [Alguien|Otro cliente] [ya ha reservado|acaba de reservar|ha cogido] [esa hora|ese hueco].
        """),
        Act.POLICY: lines("""
            [Las citas|Las reservas] se pueden [cancelar|mover|cambiar] [gratis |][hasta 24 horas antes|hasta el día anterior].
            [Cada cita|Toda reserva] se confirma [con un botón|por el cliente].
            [Las cancelaciones|Los cambios] son [gratis|posibles] hasta [el día antes|24 horas antes].
            [Normalmente|Siempre|Por lo general] [guardamos|reservamos] [el hueco|los turnos] diez minutos.
            [Los clientes|Nuestros clientes] [reciben un recordatorio|reciben siempre una confirmación].
            [Puedes|Los clientes pueden|Puede] [cancelar|mover|reservar] [tu cita|las citas] [aquí|en este chat|con /my].
            [La cita|Tu cita] ya no se puede [cancelar|mover|cambiar][ en línea|].
        """),
        Act.FACT: lines("""
            [El servicio|Un {service}] dura {minutes} minutos[ y cuesta {price}|].
            [Abrimos|El salón abre] de 10:00 a 20:00.
            [Abrimos|El salón abre] a las 10:00 y [cerramos|cierra] a las 20:00.
            [Estamos|Nos encuentras|Nuestra dirección es] [en |]{address}.
            [Nuestro teléfono es|Llámanos al|Nuestro número:] {phone}.
            [Ofrecemos|Nuestros servicios son] cortes, masajes y manicura.
            {staff} trabaja con nosotros desde hace [tres|cinco|diez] años.
            [Puedes|Se puede] pagar [en efectivo|con tarjeta].
            Aquí trabajan Anna, Boris y María.
        """),
        Act.QUOTE: lines("""
            [Dices|Escribiste|Has dicho] que [tu cita está confirmada|estás apuntado|la cita fue cancelada][, pero no la encuentro|, pero no veo nada en la agenda|. ¿A qué día te refieres?]
            [¿Qué quieres decir con|¿A qué te refieres con] «{quote}»?
            Según tu mensaje, [la cita está confirmada|estás apuntado], [pero la agenda está vacía|pero no lo veo].
        """),
        Act.CANNOT: lines("""
            [No puedo|No me es posible] [reservar para otras personas|ver citas de otros|cancelar citas ajenas|mover las citas de otra persona].
            [Puedo|Sé] [reservar, mover y cancelar citas|ayudarte a reservar|mostrarte los huecos libres].
            [No tengo|Ahora mismo no tengo] [acceso a la agenda|información sobre eso].
            [No puedo|No me es posible] [prometerlo|garantizar una hora|poner recordatorios|llamar a nadie].
            [Esa pregunta|Eso] [es mejor para un médico|no lo puedo responder].
        """),
    },
)
