"""What claims sound like in Spanish."""

# ruff: noqa: E501 - a pattern is a line; broken in two it could not be read as one.

from __future__ import annotations

from assistant.turn.claim_words import es_deeds as deeds
from assistant.turn.claim_words.words import Problem, Shape, words

_LISTS = {
    "adv": r"(?: (?:ya|ahora|también|tambien|correctamente|exitosamente|con éxito|oficialmente|justo|recién"
    r"|todo|enseguida|ahora mismo|perfectamente|debidamente|por supuesto|además|inmediatamente"
    r"|automáticamente|siempre|mismo|gustosamente|así))*",
    "done": r"reservad[oa]s?|agendad[oa]s?|confirmad[oa]s?|programad[oa]s?|apuntad[oa]s?|registrad[oa]s?|anotad[oa]s?"
    r"|citad[oa]s?|hech[oa]s?|list[oa]s?|cread[oa]s?|asegurad[oa]s?|fijad[oa]s?|guardad[oa]s?|apartad[oa]s?|asignad[oa]s?"
    r"|inscrit[oa]s?|completad[oa]s?|agregad[oa]s?|añadid[oa]s?|bloquead[oa]s?|concertad[oa]s?|cerrad[oa]s?|aceptad[oa]s?|en firme"
    r"|en (?:el|nuestro) (?:calendario|sistema)|en (?:la|nuestra) agenda|separad[oa]s?|formalizad[oa]s?|tramitad[oa]s?",
    "strong": r"reservad[oa]s?|agendad[oa]s?|confirmad[oa]s?|programad[oa]s?|apuntad[oa]s?|anotad[oa]s?|concertad[oa]s?"
    r"|asegurad[oa]s?|apartad[oa]s?|inscrit[oa]s?|separad[oa]s?",
    "row": r"cita|reserva|turno|hora|plaza|sesión|visita|lugar|reservación|sitio|espacio|corte|masaje|solicitud|hueco",
    "did": r"reservado|agendado|confirmado|programado|apuntado|registrado|anotado|citado|creado|asegurado|fijado"
    r"|guardado|apartado|asignado|inscrito|hecho (?:la|tu|su) (?:reserva|cita)|añadido|agregado|concertado|bloqueado|puesto|metido|cogido|dado de alta|cerrado|separado|tramitado|completado",
    "past": r"reservé|agendé|confirmé|programé|apunté|registré|anoté|reservamos|agendamos|aparté|creé|separé|apartamos",
    "moved": r"cambiad[oa]s?|movid[oa]s?|reprogramad[oa]s?|trasladad[oa]s?|pasad[oa]s?|aplazad[oa]s?|reagendad[oa]s?|modificad[oa]s?"
    r"|adelantad[oa]s?|pospuest[oa]s?|actualizad[oa]s?|retrasad[oa]s?",
    "cancelled": r"cancelad[oa]s?|anulad[oa]s?|eliminad[oa]s?|borrad[oa]s?|dad[oa] de baja|liberad[oa]s?",
    "staff": r"encargad[oa]|gerente|equipo|dueñ[oa]|compañer[oa]s?|responsable|personal|administrador[a]?|alguien|persona"
    r"|recepción|salón|propietari[oa]|colega|manager|agente|humano|jef[ea]|estudio|asesor[a]?|soporte|operador[a]?|recepcionista|supervisor[a]?",
    "he": r"he|hemos|te he|le he|os he|ya he|ha quedado|te hemos|le hemos|la he|lo he|se ha|se han|te la he|se la he|te lo he|se lo he|acabo de|les he|las he|los he",
    "cl": r"(?:(?:ya|te|le|os|se|la|lo|me|les|nos|las|los) )*",
}
_B, _M, _C, _R, _H = (
    Problem.CLAIMS_BOOKING,
    Problem.CLAIMS_MOVE,
    Problem.CLAIMS_CANCEL,
    Problem.CLAIMS_REMINDER,
    Problem.CLAIMS_HANDOFF,
)

SPANISH = words(
    "es",
    lists=_LISTS,
    deeds=deeds.CLAIMS,
    deed_lists=deeds.LISTS,
    matters=deeds.MATTERS,
    harmless=deeds.HARMLESS,
    house=deeds.HOUSE,
    small=deeds.SMALL,
    claims={
        (_B, Shape.DID): r"""
            (?:conseguimos|logré|logramos|conseguí) (?:reservar|agendar|apartar|apuntar|anotar|conseguir|confirmar)\w*
            (?:terminé|terminamos|acabé) de (?:reservar|agendar|confirmar|apuntar|anotar|programar|registrar|crear)\w*
            (?:<he>)<adv> (?:enviado|mandado)~ confirmación
            (?:acabo de|ya) (?:te )?(?:enviar|mandar|envié|mandé)\w*~ confirmación
            (?:<he>)<adv> (?:dejado|dado de alta)~ (?:<strong>)
            (?:<he>)<adv> (?:puesto|apuntado|añadido|inscrito|agregado|metido)~ lista
            (?:logré|logramos|pude|pudimos|conseguí|(?:he|hemos) (?:podido|logrado|conseguido)) (?:reservar|agendar|apuntar|anotar|confirmar|conseguir|apartar|programar)\w*
            (?:<he>)<adv> (?:<did>)(?! (?:un recordatorio|en contacto|el recordatorio|por error))
            (?:<he>)<adv> hecho (?:la|tu|su|una) (?:reserva|cita|reservación)
            acabo de (?:reservar|agendar|confirmar|apuntar|anotar|programar|registrar|crear|hacer la reserva)\w*
            <cl>(?:<past>) (?:tu|su|la|una|el|para|en|te|le|con|tus)
            (?:ya |listo )?(?:te|le|lo|la|os) (?:tengo|tenemos|dejo|dejé|dejamos|puse|metí|pusimos)<adv>(?: (?:<done>|en la agenda|para|en))
            (?:tengo|tenemos|dejo|dejé|dejamos) (?:tu|su|la|el|0d) (?:<row>)?~ (?:<strong>)
            (?:(?:ya|te|le|os|se|lo|la) )+(?:reservé|agendé|anoté|apunté)<adv>»
            el sistema ha <did>
        """,
        (_B, Shape.STATE): r"""
            (?:tienes|tiene)(?: ya| ahora)* (?:tu|su) (?:hueco|sitio|plaza|hora|turno|cita|lugar)
            (?:confirmo|confirmamos)(?! (?:si|cuando|que no)) (?:tu|su|la|el|vuestra)
            (?:la|tu|su) (?:reserva|plaza|cita|hora)(?: (?!no)[^ ,;:()—.!?]+){0,6}? (?:está|ha quedado|queda|ha sido)<adv> garantizad[oa]
            (?:ya )?(?:tienes|tenes|tiene)(?: ya)? (?:hora|turno|cita|plaza)(?! (?:libre|disponible))
            (?:la|tu|su) (?:reserva|cita)(?: (?!no)[^ ;:()—.!?]+| ,){0,9}? (?:ha salido bien|salió bien|se ha completado|se completó)
            ya ha quedado (?:hech[oa]|list[oa])
            (?:tu|su|la|el) (?:<row>)(?: (?!no)[^ ,;:()—.!?]+){0,8}? (?:está|sigue|queda|continúa)<adv> en (?:pie|firme)
            (?:veo|encuentro|encontré|he encontrado|aparece|figura)~ (?:tu|su)~ 0[dt]
            (?:en (?:la|nuestra) agenda|en el calendario)~ (?:aparece|figura|está|tienes|estás)
            (?:tu nombre|ya|tú)<adv> (?:figura|figuras|aparece|aparecen|apareces|está|estás)~ (?:agenda|calendario|lista|sistema)
            (?:estás|quedas|has quedado|sigues|está usted)<adv> en la lista
            (?:da|dé|dalo|considera|considere|considéral[ao]|dala|dela)(?: [^ ,;:()—.!?]+){0,3}? (?:hech[oa]|reservad[oa]|confirmad[oa]|agendad[oa])
            (?:sigues|continúas|sigue usted)<adv> (?:<strong>|citad[oa])
            tienes (?:la|tu) (?:cita|plaza|hora|reserva)(?! (?:libre|disponible))
            (?:está|queda|quedó)<adv> (?:<strong>) (?:a su|a tu|para)
            (?:tu|su|vuestra|la|el) (?:<row>)(?: (?!no|ya está|puede|solicitad)[^ ,;:()—.!?]+){0,8}? (?:está|queda|ha sido|ha quedado|fue|quedó|es|están|quedan|se ha|figura|aparece|sigue)<adv> (?:<done>|firme|reservad[oa])
            (?:tu|su)(?: (?!horario|hora preferid|opcion)[^ ,;:()—.!?]+){1,5}? (?:está|queda|ha sido|ha quedado|fue|quedó)<adv> (?:<strong>|list[oa]s?|registrad[oa]s?)
            (?:está|queda|ha sido|ha quedado|quedó|quedas|queda usted|estás|está usted|quedaste|quedan|has quedado)<adv> (?:<strong>|citad[oa]|registrad[oa])(?= (?:tu|su|para|con|a tu|a su|en la agenda|en nuestra|el|0d|a las|en|la))
            «(?:(?:sí|listo|pues|claro|todo) )*ya (?:está|quedó|queda|estás|quedas) (?:<strong>)
            (?:estás|quedas|quedaste|has quedado|usted está|usted queda|está usted|queda usted|ya estás|ya queda|fuiste)<adv> (?:<strong>|registrad[oa]|en la lista|en la agenda|dentro|citad[oa]|list[oa] para)
            (?:cita|reserva|turno|reservación)<adv>(?: (?:para 0d|0d|0t|el 0d|a las 0t|del 0d))* (?:confirmad[oa]|reservad[oa]|agendad[oa]|cread[oa]|registrad[oa]|asegurad[oa]|realizad[oa]|completad[oa]|hech[oa]|programad[oa]|exitos[oa])
            «(?:(?:ya|todo|queda|y|ok|perfecto|genial|listo|quedó|hecho|sí|vale|muy bien|está|pues) )*(?:reservad[oa]|agendad[oa]|confirmad[oa]|apuntad[oa]|anotad[oa]|programad[oa])(?: (?:para|para ti|para usted|el|0d|0t|a las|a la|con [^ ]+))*»
            (?:tienes|tiene|tendrás) (?:ya |ahora )?(?:(?:tu|su|la|una|el) )?(?:<row>)~ (?:<strong>)
            ya tienes? (?:(?:tu|su|una|la) )?(?:cita|reserva|turno|hora)
            (?:tu|su) (?:cita|reserva|turno|visita|sesión|plaza)(?: con [^ ]+| del? 0d)? ya (?:está|queda|quedó|ha quedado) (?:<done>|en)
            (?:te|le|les) (?:confirmo|confirmamos)(?! (?:si|cuando|en|que no))
            confirmamos (?:tu|su|la)
            (?:0d|0t|el hueco|la hora|la plaza|ese hueco|el turno|el lugar) (?:es|ya es|queda) (?:tuy[oa]|suy[oa]|para ti|para usted)
            número de (?:reserva|confirmación|cita)
            código de (?:reserva|confirmación)
            estado : (?:confirmad[oa]|reservad[oa])
            (?:felicidades|enhorabuena)~ (?:cita|reservad[oa]|reserva)
            (?:cuenta con|disfruta de) tu (?:cita|reserva)
        """,
        (_B, Shape.THING): r"""
            (?:está|queda|ha sido|fue|quedó|ha quedado|están|quedan|se ha)<adv> (?:reservad[oa]s?|agendad[oa]s?|confirmad[oa]s?|apuntad[oa]s?|programad[oa]s?|apartad[oa]s?)
        """,
        (_B, Shape.WILL): r"""
            (?:estoy|estamos) (?:confirmando|apartando|guardando)
            (?:paso|pasamos|procedo|vamos|voy) a (?:hacer|registrar|reservar|agendar|tramitar|gestionar|crear|confirmar|apuntar|anotar)\w* (?:la|tu|su|el)
            (?:haré|haremos|registraré|tramitaré) (?:la|tu|su) (?:reserva|cita)
            (?:estoy|estamos) (?:registrando|procesando|creando|reservando)
            (?:será|va a ser|va a quedar|se está|quedará|serán)<adv> (?:<strong>|registrad[oa]|cread[oa]|creando|reservando|agendando|registrando|procesando)
            (?:te|le|os|se|lo|la|me)(?: (?:la|lo|encargo|voy a))* (?:reservo|agendo|apunto|anoto|programo|aparto|registro|inscribo|reservamos|agendamos|apuntamos|pongo|reservaré|agendaré|apuntaré|anotaré|separo)(?! (?:el derecho))
            «(?:(?:ahora|ya|ok|vale|perfecto|ahora mismo|enseguida|entonces|bien|pues|yo|sí) )*(?:reservo|agendo|apunto|anoto|programo|aparto|reservando|agendando|apuntando|reservaré|agendaré|procedo)
            (?:reservaré|agendaré|apuntaré|anotaré|programaré|reservaremos|agendaremos)
            (?:voy|vamos|procedo|procederé|procedemos) a (?:(?:hacer|tramitar|crear|gestionar) (?:la|tu|su) (?:reserva|cita)|reservar\w*|agendar\w*|apuntar\w*|anotar\w*|programar\w*|confirmar(?:te|le|la)? (?:la|tu|su)|confirmar|registrar\w*|apartar\w*)
            (?:estoy|estamos) (?:reserv\w+|agend\w+|apunt\w+|haciendo (?:la|tu|su)|tramitando|confirmando (?:la|tu|su)|anotánd\w+|gestionando (?:la|tu|su))
            (?:déjame|déjeme|permíteme|permítame) (?:reservar\w*|agendar\w*|apuntar\w*|anotar\w*)
            (?:será|quedará|estará|quedarás|estarás|serán|va a quedar)<adv> (?:<strong>)
            mientras (?:te |le |lo |la )?(?:reservo|agendo|apunto|confirmo)
        """,
        (_B, Shape.DATED): r"""
            (?:te|le|os|lo|la|les) (?:esperamos|espero|esperaremos|veo|vemos|veremos|atenderá|atenderemos|espera|recibiremos|estaremos)(?! (?:tu|su|respuesta|confirm))
            nos (?:vemos|veremos)
            «(?:(?:pues|entonces|y|así que|listo|perfecto|genial|ok|vale) )*hasta (?:el |la |pronto |entonces |luego )?0d(?! (?:a las 0t )?(?:hay|tenemos|están|no|solo))
            (?:tienes|tiene|tenéis)(?: (?:también|ya|además|ahora|actualmente|aún|todavía))* (?:una|un|otra|tu|su)(?: [^ ,]+){0,3}? ?(?:cita|reserva|turno|sesión|corte)(?! (?:disponible|libre))
            (?:tu|su)(?: (?:próxima|nueva|siguiente|actual|próximo|nuevo))? (?:cita|reserva|turno|visita|sesión)(?: (?!si|puede)[^ ,;:().!?]+){0,5}? (?:es|será|:|—|está|empieza|comienza|sigue)(?: (?:para|el|a|las|en|ahora|0d|0t|prevista|programada))+
            0k .*0[dt]
            (?:estaremos|estará|estaré) (?:esperando|esperándo(?:te|le|los))
            (?:ven|venga|llega|llegue) (?:unos )?(?:cinco|5|diez|10) minutos antes
        """,
        (
            _B,
            Shape.TOLD,
        ): r"(?:te|tu|tus|su|sus|le|tienes|tiene|usted|ahora|nueva|nuevo|cita|reserva|turno)",
        (_B, Shape.DONE): r"""
            «listo»
            «(?:(?:ya|todo|sí|listo|hecho|perfecto) )*ya (?:está|quedó|queda|estaría)(?: (?:todo|hecho))?»
            (?:ya )?(?:te |se )?lo (?:he|hemos) (?:hecho|arreglado|gestionado|solucionado|resuelto|dejado)
            (?:todo|eso|ya|esto)(?: (?:ya|ha|todo))* (?:queda|quedó|quedado|está|ha quedado)<adv> (?:hech[oa]|list[oa]|arreglad[oa]|organizad[oa]|gestionad[oa]|resuelt[oa]|solucionad[oa])
            «(?:(?:ya|todo|está|y|ok|perfecto|genial|pues|muy bien|sí|vale|eso|dalo por|delo por|considéralo|considérelo) )*(?:listo|hecho|arreglado|solucionado|resuelto|todo en orden|trato hecho|list[oa]s)(?: (?:ya|todo|para 0d))*»
            «ya quedó»
            todo listo para
            (?:ya|todo) (?:está|quedó|queda|ha quedado)(?: (?:ya|todo))* (?:listo|hecho|arreglado|resuelto|gestionado|organizado|en orden|solucionado|preparado)
            (?:dalo|delo|dala|considéralo|considérelo|tómalo) (?:por )?(?:hecho|reservado|confirmado|listo|resuelto)
            (?:ya )?lo he (?:hecho|arreglado|gestionado|solucionado|resuelto)
        """,
        (_M, Shape.DID): r"""
            (?:logré|logramos|pude|pudimos|conseguí|(?:he|hemos) (?:podido|logrado|conseguido)) (?:mover|cambiar|reprogramar|pasar)\w*
            (?:<he>)<adv> (?:movido|reprogramado|trasladado|aplazado|reagendado|pospuesto|adelantado|retrasado)
            (?:<he>)<adv> (?:cambiado|pasado|modificado|actualizado) (?:tu|su|la|el|a|al|para|0d|de) ?(?:cita|reserva|hora|turno|para|0d|0t|al|las|del|fecha|visita|horario|sesión|corte|0d)?
            acabo de (?:mover|cambiar|reprogramar|pasar|trasladar|reagendar)\w*
            <cl>(?:moví|cambié|reprogramé|pasé|reagendé|movimos|cambiamos) (?:tu|su|la|el|para|al|0d|a)
        """,
        (_M, Shape.STATE): r"""
            (?:el cambio|la reprogramación|la modificación)(?: (?!no)[^ ,;:()—.!?]+){0,6}? (?:está|ha sido|ha|queda|se ha|fue)(?: [^ ,]+)? (?:hech[oa]|confirmad[oa]|realizad[oa]|completad[oa]|registrad[oa]|salido|bien)
            (?:nueva (?:fecha|hora|cita)|nuevo horario)(?: (?:es|ahora|:|—|el|a las|las|queda))* (?:0d|0t)
            (?:tu|su|la|el|vuestra) (?:<row>)(?: (?!no|puede)[^ ,;:()—.!?]+){0,7}? (?:está|queda|ha sido|ha quedado|fue|quedó|se ha|se)<adv> (?:<moved>|cambió|movió|reprogramó|movido|cambiado|pasado)
            (?:cita|reserva|turno)<adv> (?:<moved>)
            (?:queda|quedó|está|ha quedado)<adv> (?:<moved>)
            «(?:(?:ya|todo|y|listo|perfecto|hecho) )*(?:reprogramad[oa]|movid[oa]|cambiad[oa]|reagendad[oa])(?: (?:para|al|a|las|el|0d|0t))*»
            (?:el cambio|la reprogramación|la modificación)(?: [^ ,]+){0,3}? (?:está|ha sido|queda|se ha|fue)~ (?:hech[oa]|confirmad[oa]|realizad[oa]|completad[oa]|registrad[oa])
            (?:cambio|reprogramación) (?:realizad[oa]|confirmad[oa]|hech[oa]|completad[oa])
            (?:nueva (?:fecha|hora|cita)|nuevo horario)(?: es)? (?::|—|es|el)? ?(?:0d|0t|el 0d)
        """,
        (_M, Shape.WILL): r"""
            (?:voy|vamos|procedo|paso) a (?:mover|cambiar|reprogramar|pasar|trasladar)\w*
            (?:reprogramaré|moveré|cambiaré|reagendaré|aplazaré)
            (?:te|le|os|se|lo|la)(?: (?:la|lo))* (?:cambio|muevo|paso|reprogramo|reagendo|traslado|cambiaré|moveré|reprogramaré|pasaré)(?= (?:la|tu|su|para|al|a|el|0d|ahora|cita|de)|$| [.,!])(?! a (?:un|una|el encargado|la encargada|con))
            «(?:(?:ahora|ya|ok|vale|perfecto|ahora mismo|enseguida|entonces|bien) )*(?:muevo|reprogramo|reagendo|cambio|moviendo|reprogramando|moveré|cambiaré) (?:tu|su|la|el|a)
            (?:voy|vamos|procedo) a (?:mover\w*|cambiar\w*|reprogramar\w*|pasar(?:te|le|la)|trasladar\w*|reagendar\w*)
            (?:estoy|estamos) (?:moviendo|cambiando|reprogramando|reagendando)
            (?:será|quedará|estará)<adv> (?:<moved>)
        """,
        (_C, Shape.DID): r"""
            (?:logré|logramos|pude|pudimos|conseguí|(?:he|hemos) (?:podido|logrado|conseguido)) (?:cancelar|anular)\w*
            (?:<he>)<adv> (?:cancelado|anulado|eliminado|borrado|dado de baja|liberado|quitado)
            acabo de (?:cancelar|anular|eliminar|borrar)\w*
            <cl>(?:cancelé|anulé|eliminé|cancelamos|anulamos) (?:tu|su|la|el|las|0d|tus|ambas)
            <cl>(?:cancelé|anulé)<adv>»
        """,
        (_C, Shape.STATE): r"""
            (?:la |tu |su )?(?:cancelación|anulación)(?: (?!no)[^ ,;:()—.!?]+){0,3}? (?:ha salido|se procesó|se hizo|se ha procesado|está|ha sido|salió)
            (?:tu|su|la|el|vuestra|tus|sus|las) (?:<row>|citas|reservas)(?: (?!no|puede|pueden|se puede)[^ ,;:()—.!?]+){0,7}? (?:está|queda|ha sido|ha quedado|fue|quedó|se ha|han sido|están|quedan|se)<adv> (?:<cancelled>|canceló|anuló|cancelado|anulado)
            (?:cita|reserva|turno|visita)<adv>(?: (?:para 0d|0d|0t|el 0d|a las 0t|del 0d))* (?:<cancelled>)
            (?:queda|quedó|está|ha quedado|ha sido|quedan)<adv> (?:<cancelled>)
            «(?:(?:ya|todo|y|listo|perfecto|hecho|ok|queda) )*(?:cancelad[oa]s?|anulad[oa]s?)(?: (?:para|el|0d|0t|a las|tu cita))*»
            (?:la |tu |su )?(?:cancelación|anulación)(?: [^ ,]+){0,4}? (?:está|ha sido|queda|se ha|fue)~ (?:hech[oa]|confirmad[oa]|realizad[oa]|completad[oa]|procesad[oa])
            (?:cancelación|anulación) (?:realizada|confirmada|completada|hecha)
        """,
        (_C, Shape.WILL): r"""
            (?:estoy|estamos) (?:cancelado|anulado)
            (?:te|le|os|se|lo|la|las)(?: (?:la|lo|las))* (?:cancelo|anulo|cancelaré|anularé|cancelamos|elimino)
            «(?:(?:ahora|ya|ok|vale|perfecto|ahora mismo|enseguida|entonces|bien) )*(?:cancelo|anulo|cancelando|anulando|cancelaré|anularé)
            (?:voy|vamos|procedo|procederé) a (?:cancelar\w*|anular\w*|eliminar\w*)
            (?:estoy|estamos) (?:cancelando|anulando)
            (?:será|quedará|estará|serán)<adv> (?:<cancelled>)
        """,
        (_R, Shape.DID): r"""
            (?:<he>)<adv>(?: [^ ,]+)? (?:programado|puesto|creado|activado|configurado|añadido|enviado|establecido|dejado|agregado|agendado)(?: [^ ,;:()—.!?]+){0,3}? recordatorios?
            <cl>(?:puse|programé|creé|activé|configuré|dejé)(?: [^ ,;:()—.!?]+){0,3}? recordatorios?
        """,
        (_R, Shape.STATE): r"""
            recordatorios?(?: (?!no)[^ ,;:()—.!?]+){0,4}? (?:programad[oa]s?|activad[oa]s?|activ[oa]s?|puest[oa]s?|cread[oa]s?|configurad[oa]s?|establecid[oa]s?|list[oa]s?|enviad[oa]s?)
        """,
        (_R, Shape.WILL): r"""
            (?:te|le|os)(?: lo| la)? (?:recordaré|recordaremos|recuerdo|recordamos|aviso|avisaré|avisaremos|avisamos)(?: [^ ,]+){0,3}? (?:el día antes|un día antes|antes|la víspera|con tiempo|dos horas|unas horas|0d)
            (?:te|le|os) (?:recordaré|recordaremos|recordamos|recuerdo(?= (?:un día|0d|el día|antes|unas|la víspera|24))|avisaré antes|avisaremos antes|avisaré (?:un día|el día|unas horas|24)|avisaremos (?:un día|el día|unas horas|24))
            (?:te|le|os)<adv> (?:enviaré|enviaremos|mandaré|mandaremos|envío|enviamos|mando|mandamos|pondré|programaré|llegará|pongo|dejaré|haré)(?: [^ ,;:()—.!?]+){0,4}? recordatorios?
            (?:recibirás|recibirá|recibiréis|tendrás|tendrá|obtendrás)(?: [^ ,;:()—.!?]+){0,5}? (?:recordatorios?|aviso)
            recordatorios?(?: [^ ,;:()—.!?]+){0,4}? (?:llegará|será|se enviará|se te enviará|te llegará)
            (?:programaré|pondré|crearé|enviaré|estoy programando|enviaremos)(?: [^ ,;:()—.!?]+){0,3}? recordatorios?
            (?:voy|vamos) a (?:recordar(?:te|le|lo)|enviar(?:te|le)?(?: [^ ,]+){0,2}? recordatorio|poner(?:te|le)?(?: [^ ,]+){0,2}? recordatorio|programar(?:te|le)?(?: [^ ,]+){0,2}? recordatorio)
        """,
        (_H, Shape.DID): r"""
            (?:<he>)<adv> (?:consultado|preguntado)(?: [^ ,;:()—.!?]+){0,5}? (?:<staff>)
            (?:<he>)<adv> (?:avisado|informado|notificado|contactado|escrito|pasado|comunicado|trasladado|transferido|derivado|remitido|enviado|reenviado|pedido|comentado|llamado|dejado|alertado|puesto|hablado|escalado|mandado|transmitido)(?: [^ ,;:()—.!?]+){0,6}? (?:<staff>)
            (?:<he>)<adv> (?:pasado|transferido|derivado|remitido|reenviado|trasladado|escalado|transmitido) (?:tu|su|la|el) (?:mensaje|consulta|solicitud|petición|caso|queja|pregunta|duda)
            <cl>(?:avisee|informee|notifiquee|contactee|escribí|pasee|transferí|hablee|llamee|enviee)(?: [^ ,;:()—.!?]+){0,5}? (?:<staff>)
            (?:ya|le|les|yo) (?:avisé|informé|notifiqué|contacté|escribí|pasé|transferí|hablé|llamé|envié)(?: [^ ,;:()—.!?]+){0,5}? (?:<staff>)
            acabo de (?:avisar|informar|notificar|contactar|pasar|escribir|transferir)(?: [^ ,;:()—.!?]+){0,5}? (?:<staff>)
        """,
        (_H, Shape.STATE): r"""
            (?:<staff>)(?: (?!no)[^ ,]+)? (?:está|están)<adv> (?:al tanto|al corriente|informad[oa]s?|avisad[oa]s?)
            (?:<staff>)(?: (?!no)[^ ,;:()—.!?]+){0,4}? (?:ha sido|han sido|está|fue|están|queda)<adv> (?:avisad[oa]s?|informad[oa]s?|notificad[oa]s?|al tanto|enterad[oa]s?|contactad[oa]s?|al corriente)
            (?:tu|su) (?:mensaje|consulta|solicitud|petición|caso|queja|pregunta)(?: (?!no)[^ ,;:()—.!?]+){0,3}? (?:ha sido|fue|está|se ha)<adv> (?:enviad[oa]|pasad[oa]|trasladad[oa]|remitid[oa]|transferid[oa]|derivad[oa]|reenviad[oa]|escalad[oa])
            (?:<staff>) ya (?:sabe|saben|tiene|lo sabe|está)
        """,
        (_H, Shape.WILL): r"""
            (?:<staff>)(?: (?!no|puede|podría)[^ ,;:()—.!?]+){0,5}? (?:se pondrá|se pondrán|te contactará|le contactará|te responderá|le responderá|te escribirá|le escribirá|te llamará|le llamará|contactará|responderá|te atenderá|le atenderá|se comunicará|te ayudará en breve|contestará|se unirá)
            (?:se pondrá|se pondrán|te contactará|le contactará|te responderá|te llamará|le llamará|te escribirá|le atenderá|te atenderá|se comunicará)(?: [^ ,;:()—.!?]+){0,5}? (?:<staff>|contacto|contigo|con usted)
            (?:te|le) (?:contactarán|llamarán|responderán|escribirán|contactaremos|llamaremos)
            (?:te|le|se|lo|la)<adv>(?: (?:lo|la))* (?:paso|transfiero|comunico|derivo|conecto|pongo en contacto|pasaré|transferiré) (?:a|con|ahora|al)~ (?:<staff>|recepción)
            (?:avisaré|informaré|notificaré|contactaré|aviso|informo|notifico|avisamos|transfiero|pasaré|paso|comunicaré|avisaremos|consultaré|derivo)(?: [^ ,;:()—.!?]+){0,5}? (?:<staff>)
            (?:voy|vamos|procedo) a (?:avisar|informar|notificar|contactar|pasar\w*|transferir\w*|derivar\w*|comunicar\w*|preguntar)(?: [^ ,;:()—.!?]+){0,6}? (?:<staff>)
            (?:estoy|estamos) (?:avisando|contactando|transfiriendo|pasando|informando|notificando|derivando)
            (?:transmitiré|pasaré|trasladaré|enviaré|reenviaré) (?:tu|su|la|el) (?:mensaje|consulta|solicitud|petición|caso|queja|pregunta)
        """,
    },
    failures={
        _B: r"""
            no(?: [^ ,;:()—.!?]+){0,4}? (?:reservar\w*|agendar\w*|confirmar\w*|apuntar\w*|reservado|agendado|confirmado|completar\w*|hacer la reserva|reservad[oa]|confirmada|agendada)
            (?:reserva|cita)(?: [^ ,]+){0,3}? (?:ha fallado|falló|no se)
            (?:reserva|cita|turno)(?: [^ ,]+)? no (?:salió|ha salido|se pudo|funcionó)
            no(?: [^ ,;:()—.!?]+){0,4}? hacer (?:la|tu|su|el|un) (?:cita|reserva|turno)
            (?:algo salió mal|algo ha salido mal|ha ocurrido un error|hubo un (?:error|problema)|no ha funcionado|no funcionó)
        """,
        _M: r"no(?: [^ ,;:()—.!?]+){0,4}? (?:mover\w*|cambiar\w*|reprogramar\w*|movido|cambiado|reprogramado)",
        _C: r"no(?: [^ ,;:()—.!?]+){0,4}? (?:cancelar\w*|anular\w*|cancelado|anulado|cancelad[oa])",
    },
    negation=r"""
        habría|estaría|quedaría|seríamos|(?<!ya )no(?! (?:solo|sólo|te preocupes|se preocupe|dudes|dude|olvides|olvide|hay problema|hay de qué))|nada|ningún|ninguna|ninguno|nadie|nunca|tampoco|sin(?! (?:efecto|problema|problemas|duda|coste|compromiso|falta))|aún no|todavía no|ni|podría|podrías|sería|debe|quisiera|(?<!a )ser|en lugar de (?:reservar|cancelar|mover)|en vez de (?:reservar|cancelar|mover)
    """,
    openers=r"""
        «(?:con quién|a qué hora|qué día|con quien)
        (?:quieres|quiere|queréis|desea|deseas|prefieres|prefiere|gustaría) que
        «(?:(?:y|o|entonces|pero|bien|vale) )*(?:quieres|quiere|queréis|desea|deseas|te gustaría|le gustaría|(?:te|le|lo|la)(?! (?:he|hemos|ha|han|tengo)(?![^ ]))|prefieres|prefiere|puedo|podría|qué|que|cuál|cuándo|dónde|cómo|quién|a qué|para qué|cuántas|reservo|reservamos|agendo|agendamos|confirmo|confirmas|confirma|cancelo|cancelamos|muevo|cambio|está|hay|tienes|tiene|necesitas|necesita|es|te reservo|le reservo|aviso)
    """,
    conditions=r"si|cuando|una vez(?! más)|en cuanto|tan pronto|(?:después de|luego de|tras|antes de) (?:que|tu|su|confirm\w+|puls\w+|toc\w+|la|el|reserv\w+|apunt\w+|hacer\w*)|al (?:confirmar|pulsar|tocar|aceptar|recibir|elegir|presionar|dar|hacer)\w*|hasta que|(?:solo|sólo) (?:si|cuando|con|tras|después|al|falta|queda)|siempre que|apenas|a condición|(?:con|sin) (?:tu|su) (?:confirmación|sí|ok|visto|aprobación|permiso|respuesta|toque|pulsación)|para que",
    no_condition=r"""
        (?:si|cuando|en cuanto|tan pronto como|apenas)(?: [^ ,]+){0,2}? (?:libera|libere|abre|abra|quede|queda|surja|surge|desocupe|desocupa|haya|salga)(?: (?:algo|un hueco|una hora|un turno|un lugar|libre|hueco|sitio))?
        al (?:tanto|corriente)|
        si (?:(?:te|le|lo|la|necesitas|necesita|tienes|tiene|hay|surge|quieres|quiere|deseas|desea|no puedes|no puede|cambias|cambia|algo|prefieres) )?(?:cambiar|cancelar|modificar|surge|necesitas|necesita|algo|alguna|dudas|preguntas|cualquier|más|otra|imprevisto|de planes|ayuda)
        al (?:0[dt]|final|equipo|encargado|gerente|dueño|responsable|instante|sistema|personal|calendario|llegar|estudio|salón|manager|administrador|propietario|salon)|después de (?:0[dt]|eso)|hasta (?:el|luego|pronto|entonces|la|0d)|tal como (?:pediste|pidió)|solo para (?:ti|usted)|cuando (?:llegues|llegue|vengas)|al día|así que|con tu (?:cita|reserva)
    """,
    consent=r"""
        (?:confirmes|confirme|confirmas|confirmar|confirmación|confirmado|confirmada|pulses|pulse|pulsas|pulsar|toques|toque|tocas|tocar|aceptes|acepte|aceptas|digas|diga|dices|des|elijas|elija|eliges|respondas|responda|presiones|presione|presionar|sí|visto bueno|ok|botón|indiques|indique|escojas|aprobación|aprobado)
    """,
    requests=r"""
        (?:escríbeme|escríbame|mándame|envíame|dime)(?! si)
        (?:«|por favor |solo |simplemente |y |o |entonces )(?:(?:por favor|solo|simplemente|ahora|pues) )*(?:dime|dígame|elige|elija|escoge|escoja|confirma|confirme|confírma(?:me|melo|mela|lo|la)|pulsa|pulse|toca|toque|indica|indique|indícame|indíqueme|selecciona|seleccione|responde|responda|envíame|envíeme|escribe|escriba|presiona|presione|avísame|avíseme|necesito|dame|deme|haz clic|comparte|decide)
        (?:dime|dígame|confírmame|confírmeme|indícame|indíqueme|pulsa|pulse|toca|toque|presiona|elige|elija|necesito (?:tu|su|que|saber|un)|falta (?:tu|su|que))
    """,
    refusals=r"""
        completamente|totalmente|cogid[oa]s?|acaba de|otra persona
        ya|ocupad[oa]s?|otr[oa]s?|alguien|lamentablemente|desafortunadamente|lo siento|siento|complet[oa]s?|llen[oa]s?|pero|sin embargo|lástima|por desgracia|todo el día|hasta las 0t|solo|cliente|agotad[oa]s?|nadie
    """,
    taking=r"reservad\w*|ocupad\w*|tomad\w*|cogid\w*|agendad\w*|apartad\w*|bloquead\w*|complet\w*|asignad\w*|confirmad\w*",
    policies=r"""
        estudiantes|niños|jubilados|mayores|socios
        una? (?:visita|cita|reserva) que|(?:los|las) (?:recordatorios|cambios)
        diez minutos|nuestros clientes|los clientes|por lo general
        (?<!tus )(?<!sus )(?<!ambas )(?<!dos )(?:citas|reservas)|siempre|normalmente|generalmente|cada|todas?|todos|clientes?|política|política|gratis|gratuitamente|sin coste|suelen?|habitualmente|cancelaciones|por lo general|cualquier|se puede|abrimos|abierto|horario|días laborables|personas que
    """,
    reports=r"(?:dices|escribiste|has dicho|dijiste|escribes|mencionas) que|según (?:tu|su) mensaje|según dices|(?:has|ha|habías|había) (?:dicho|escrito|mencionado|preguntado|pedido)|(?:escribes|pones|dices|dice|dijiste|dijo|escribiste|escribió|mencionaste|pediste|pidió|preguntas|crees|cree|querías|quería) (?:que )?|según (?:tu|su) mensaje",
    presumed=r"ahora que|ya que (?:tu|su|estás|está|tienes)|puesto que (?:tu|su|ya)",
    hours=r"abiert[oa]s?|abrimos|abre|abren|cerramos|cierra|cerrad[oa]s?|horario|horarios|atendemos|trabajamos|descanso|pausa|última cita|comida",
    absent=r"cogid[oa]s?|complet[oa]|no|nada|ningun\w*|ocupad[oa]s?|reservad[oa]s?|lamentablemente|llen[oa]|complet[oa]s?|cerrad[oa]s?|pasad[oa]|demasiado|en lugar|en vez|fuera|tampoco|ni|sin|siento",
    others=r"antes que (?:tú|usted)|se te adelantó|acaba de (?:tomar|reservar|coger|ocupar)|alguien (?:más|ya|ha)|(?<!detrás de )(?<!con )(?<!dos )otr[oa]s? (?:clientes?|personas?)|ajenas?",
    habits=r"normalmente|siempre|por lo general|generalmente|habitualmente",
    free=r"propongo|puedo (?:reservar|apuntar|agendar|darte)\w*|podrías? venir|te puedo dar|libres?|disponibles?|disponibilidad|hueco|huecos|sitio|posible|puede atender\w*|ofrecer\w*|puedes venir|puede venir|podría ser|turno libre|primer\w* hora|hora más temprana|se puede",
    listing=r"aquí|estos son|estas son|tengo|tenemos|he encontrado|encontré|qué|cuál|ahora (?:dime|elige)|para|dime|cuándo|veamos|a ver",
)
