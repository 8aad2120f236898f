"""Deeds in Spanish that no word list foresees: whatever isn't known to do nothing."""

# ruff: noqa: E501 - a pattern is a line; broken in two it could not be read as one.

from __future__ import annotations

from assistant.turn.claim_words.words import Problem, Shape

LISTS = {
    "idle": r"encontrado|consultado|revisado|visto|entendido|mirado|comprobado|buscado|leído|comparado|preparado|recopilado|seleccionado|elegido|escogido|listado|perdido|intentado|tratado|oído|recibido|preguntado|dicho|mencionado|explicado|descrito|incluido|mostrado|compartido|respondido|contestado|ofrecido|sugerido|propuesto|aprendido|pensado|querido|esperado|supuesto|fallado|equivocado|confundido|liado|interpretado"
    r"|ampliado|reformado|renovado|abierto|cerrado(?! (?:un|una|tu|su|la cita))|mudado|estado|sido|tenido|notado|observado|verificado|detectado|localizado|puesto en duda|resumido|ordenado|filtrado|calculado|tenido que|podido ver|podido encontrar|comentado|contado|enumerado|escrito mal|olvidado|malinterpretado|hecho un (?:lío|resumen)|dado cuenta|quedado|indicado",
    "idled": r"mandamos|three|free|coffee|fee|agree|degree|guarantee|employee|trainee|qué|por qué|encontré|consulté|revisé|entendí|miré|comprobé|busqué|leí|comparé|preparé|intenté|recibí|pregunté(?! (?:a|al|por ti))|mencioné|expliqué|mostré|ofrecí|sugerí|pensé|esperé|equivoqué|confundí|perdí|aquí|así|ahí|allí|verifiqué|comenté|olvidé|creí|café|porqué|jamás|usted|también|recopilé|seleccioné|elegí|escogí|comprendí|noté|vi|dije|tuve|fui|estuve|quise|supuse",
    "future": r"[^ ]{2,}(?:ar|er|ir|dr|br)ee",
    "idlef": r"ayudaré|mostraré|buscaré|revisaré|miraré|comprobaré|consultaré|enseñaré|ofreceré|diré|preguntaré|esperaré|intentaré|estaré|seré|podré|tendré|necesitaré|trataré|veré|explicaré|contaré|propondré|sugeriré|responderé|contestaré|indicaré|listaré|resumiré|compararé|verificaré|haré (?:lo posible|todo)|daré (?:las|los|opciones|unas|algunas)|prepararé|querré|sabré|pediré|recomendaré|aclararé|leeré",
    "ended": r"activ[oa]s?|vigentes?|válid[oa]s?|(?:pre-?)?reservad[oa]s?|grabad[oa]s?|reemplazad[oa]s?|sustituid[oa]s?|sin efecto|desactivad[oa]s?|silenciad[oa]s?|sumad[oa]s?|acreditad[oa]s?|generad[oa]s?|intercambiad[oa]s?|unid[oa]s?|rebajad[oa]s?|condonad[oa]s?|perdonad[oa]s?|bonificad[oa]s?|reportad[oa]s?|adjuntad[oa]s?|cargad[oa]s?|validad[oa]s?|concedid[oa]s?|fuera|reservad[oa]s?|agendad[oa]s?|confirmad[oa]s?|programad[oa]s?|reprogramad[oa]s?|apuntad[oa]s?|registrad[oa]s?|anotad[oa]s?|citad[oa]s?|hech[oa]s?|cread[oa]s?|asegurad[oa]s?|fijad[oa]s?|guardad[oa]s?|apartad[oa]s?|asignad[oa]s?|inscrit[oa]s?|completad[oa]s?|agregad[oa]s?|añadid[oa]s?|bloquead[oa]s?|concertad[oa]s?|aceptad[oa]s?|separad[oa]s?|formalizad[oa]s?|tramitad[oa]s?|cerrad[oa] la (?:cita|reserva)|puest[oa]s?|metid[oa]s?|incluid[oa]s? en|dad[oa]s? de (?:alta|baja)"
    r"|cambiad[oa]s?|movid[oa]s?|trasladad[oa]s?|pasad[oa]s? (?:a|al|para)|aplazad[oa]s?|reagendad[oa]s?|modificad[oa]s?|adelantad[oa]s?|pospuest[oa]s?|actualizad[oa]s?|corregid[oa]s?|retrasad[oa]s?|cancelad[oa]s?|anulad[oa]s?|eliminad[oa]s?|borrad[oa]s?|quitad[oa]s?|liberad[oa]s?|retirad[oa]s?"
    r"|avisad[oa]s?|informad[oa]s?|notificad[oa]s?|enterad[oa]s?|al tanto|al corriente|enviad[oa]s?|mandad[oa]s?|transmitid[oa]s?|reenviad[oa]s?|derivad[oa]s?|escalad[oa]s?|entregad[oa]s?|trasladad[oa]s?|pasad[oa]s?|remitid[oa]s?|comunicad[oa]s?|reembolsad[oa]s?|devuelt[oa]s?|abonad[oa]s?|aplicad[oa]s?|descontad[oa]s?|procesad[oa]s?|gestionad[oa]s?|solicitad[oa]s?|resuelt[oa]s?|arreglad[oa]s?|solucionad[oa]s?|activad[oa]s?|configurad[oa]s?|finalizad[oa]s?|ajustad[oa]s?|almacenad[oa]s?|contratad[oa]s?|emitid[oa]s?|autorizad[oa]s?|aprobad[oa]s?|atad[oa]s?|amarrad[oa]s?|cuadrad[oa]s?"
    r"|en (?:marcha|camino|firme|pie|orden|regla|el sistema|la agenda|nuestra agenda|la lista|lista de espera|el calendario|cola)|list[oa]s?|a tu nombre|a su nombre|en tus manos",
    "adv": r"(?: (?:ya|ahora|también|correctamente|exitosamente|con éxito|oficialmente|justo|recién|todo|enseguida|ahora mismo|perfectamente|debidamente|además|inmediatamente|automáticamente|mismo|así|completamente|totalmente|definitivamente|finalmente|[^ ]+mente))*",
    "joint": r"(?:(?:ya|y|pues|bueno|vale|ok|okay|listo|perfecto|genial|excelente|estupendo|claro|sí|si|sin problema|muy bien|bien|todo|ahora|también|además|por supuesto|entendido|de acuerdo|gracias|hecho|enseguida|en seguida|ahora mismo|así|entonces|tranquilo|tranquila|dicho y hecho|0k|con gusto|encantad[oa]|recién|por cierto|inmediatamente) )*",
    "row": r"cita|reserva|turno|hora|plaza|sesión|visita|lugar|reservación|sitio|espacio|corte|masaje|manicura|solicitud|hueco|petición|mensaje|recado|consulta|queja|nombre|número|teléfono|correo|email|datos|perfil|recordatorio|aviso|reembolso|devolución|dinero|depósito|señal|anticipo|descuento|cargo|nota|preferencia|alergia|cambio|cancelación|confirmación|lista de espera|tratamiento|servicio|silla|cupo|comentario|móvil|cumpleaños|celular|dirección|notificaciones|alerta|alarma|puntos|saldo|idioma|lo del martes|horario",
    "quiet": r"único|bueno|malo|siguiente|demás|antes|cierto|muestro|ofrezco|cuento|digo|recomiendo|siento|miro|compruebo|ayudo|sugiero|explico|propongo|comento|pido|agradezco|pregunto|escucho|entiendo|comprendo|veo|reviso|consulto|busco|enseño|indico|resumo|oriento|aconsejo|puedo|debo|tengo|listo|mismo|martes|primero|segundo|tercero|último|próximo|otro|mejor|nuestro|corto|largo|como|cuando|solo|horario|precio|lamento|deseo|quiero|creo|pienso|espero (?:tu|su)|dejo (?:las|los|el|la|aquí|un resumen|una lista|unas|algunas|varias|opciones)|paso (?:las|los|el|la (?:lista|dirección|carta|info\w*)|unas|algunas|varias|opciones|info\w*)|mando (?:las|los|el|la|unas|algunas|varias|opciones)|doy (?:las|los|opciones|la|unas|algunas|varias)|comparto|facilito|detallo|enumero|informo (?:de|sobre|que)|confirmo (?:si|que (?:hay|tenemos|el|la))|aclaro|repito|respondo|contesto|cuestiono|conozco|ruego|invito|encuentro",
    "go": r"comprobar\w*|mirar\w*|revisar\w*|consultar\w*|buscar\w*|ver\w*|ayudar\w*|mostrar\w*|enseñar\w*|ofrecer\w*|explicar\w*|decir(?:te|le)?|contar\w*|proponer\w*|sugerir\w*|preguntar(?:te|le)|pedir\w*|necesitar|recomendar\w*|intentar|indicar\w*|resumir\w*|listar\w*|ser|estar|tener|hacer(?:te|le) (?:una|unas) pregunta\w*|hacer lo posible|repasar\w*|leer\w*|dar(?:te|le) (?:las|los|opciones|unas|algunas)|comparar\w*|aclarar\w*|analizar\w*|responder\w*|contestar\w*|pensar\w*|empezar|echar\w*|preparar\w*|verificar\w*",
}
_D = Problem.CLAIMS_DEED

CLAIMS = (
    (
        _D,
        Shape.DID,
        r"""
            (?:he|hemos)<adv> (?!(?:<idle>)(?![^ ]))(?:[^ ]{2,}(?:ado|ido)|hecho|puesto|dicho a|escrito|devuelto|resuelto|dado|abierto un|inscrito)
            acab(?:o|amos) de (?!(?:<go>)(?![^ ]))[^ ]+(?:ar|er|ir)(?:te|le|lo|la|los|las|selo|sela|telo|tela|les|nos)?(?![^ ])
            (?:«<joint>|así que |y |ya |yo |pues |entonces |por eso |también |además |que )(?:(?:te|le|lo|la|os|les|se|los|las) )*(?!(?!retiree|tiree|miree|giree|compree|preparee|separee|reparee|borree|cerree|retraree)<future>|(?:<idled>)(?![^ ]))(?:[^ ]{2,}(?:ee|ii)|puse|hice|di (?:de|por|la|el|tu|su|una|un)|dije a|traje|hicimos|pusimos|dimos|dejamos|mandamos|[^ ]{3,}amos (?:tu|su|la cita|la reserva|el cambio))
            (?:te|le|os|les|lo|la|se lo|se la|te lo|te la) (?:reserve|agende|apunte|anote|meti|puse|hice|envie|mande|guarde|aparte|cancele|anule|movi|cambie|pase|registre|programe|actualice)»
            (?:te|le|os|les|lo|la|los|las|se lo|se la|te lo|te la) (?:[^ ]{3,}(?:amos|imos))(?! (?:las|los|que|a (?:partir|las)|si|gratis))
            (?!(?:dijiste|escribiste|preguntaste|pediste|mencionaste|elegiste|escogiste|quisiste|indicaste|diste|mandaste|enviaste|comentaste|viniste|hiciste|olvidaste|fuiste|tuviste|estuviste|contaste|existe|triste|consiste|insiste|este|viste|leíste|llegaste|cancelaste|reservaste|quedaste|contraste|desgaste|gaste|baste)(?![^ ]))[^ ]{2,}(?:aste|iste)
            (?:ya|yo)<adv>(?: (?:te|le|lo|la|os|les|se))* (?:reserve|agende|apunte|anote|cancele|anule|movi|cambie|pase|mande|envie|avise|informe|notifique|actualice|registre|guarde|programe|bloquee|aparte|inscribi|meti|puse|hice|cree|solicite|tramite|hable)
            (?:el|nuestro|la) (?:sistema|bot|calendario|agenda|aplicación) (?:ha|ya|te|le)<adv>(?: [^ ,]+)? [^ ]+(?:ado|ido|o)
        """,
    ),
    (
        _D,
        Shape.STATE,
        r"""
            (?!(?:quien|que|nadie|no|yo|si)(?: |$))[^ ]+ (?:te|le|os) (?:llama|llamará|llaman|escribe|escribirá|contacta|contactará|contesta|contestará|responde|responderá|avisa|avisará|espera|esperan|atiende|recibe)
            (?:espera|espere|aguarda) (?:nuestra|una|la|su) (?:llamada|respuesta)|(?:te|le) (?:esperan|esperamos)
            (?:saben|sabe|conocen)(?: ya)? (?:que|lo de)
            0d (?:sustituye|reemplaza|en vez|en lugar|por)(?: a| al| de| del| el)* 0d
            (?:serás|será|eres|estarás entre) (?:la|el|los|las) primer\w+ (?:en|que)
            (?:incluid\w|parte|dentro) (?:en|de) (?:tu|su) (?:visita|cita|reserva)
            (?:euros|%|por ciento) menos|(?:se )?(?:cargaron|cobraron|descontaron|devolvieron|abonaron)
            en (?:tu|su) (?:cuenta|tarjeta|ficha|perfil) (?:hay|tienes|tiene|están|está|aparece|figura)
            (?:te|le|os) (?:despierto|despertaré|sonará|vibrará|damos un toque|doy un toque|damos una voz|silbamos)
            (?:desde|a partir de) (?:0d|hoy|ahora) (?:escribimos|escribiremos|te|le|usamos|mandamos)
            «<joint>(?!(?:entendido|encantado|encantada|bienvenido|bienvenida|perdido|cuidado|agotado|cerrado|ocupado|completado|recibido|demasiado|anotado mal|comprendido|permitido|equivocado|incluido|pasado|lavado|peinado|alisado|teñido)(?![^ ]))[^ ]{3,}(?:ado|ada|ido|ida)s?»
            «(?:trato hecho|decidido|amarrado|cerrado el trato|hecho)»
            (?:tu|su|vuestra|tus|sus)(?: [^ ,;:()—.!?]+){0,2}? (?:<row>)(?: (?!no|si|puede|se puede)[^ ,;:()—.!?]+){0,8}? (?:está|están|queda|quedan|quedó|quedaron|fue|fueron|es|son|sigue|ha sido|han sido|ha quedado|han quedado|va|van|aparece|figura|consta|se ha|se han)<adv>(?: [^ ,;:()—.!?]+){0,2}? (?:<ended>)
            (?:quedas|quedaste|quedamos) (?:para|a las|con|el|en|0d|0t|como|dentro|registrad\w+)
            (?:ahora|ya|desde ahora|desde ya)(?: [^ ,]+)? (?:figuras?|apareces?|constas?|rigen?|vales?)
            ya (?:estás|está usted) (?!viendo|libre|disponible|en (?:la|el) (?:web|página))[^ ]+
            (?:está|queda|llegó|llega|fue)(?: [^ ,;:()—.!?]+){0,2}? (?:a|en manos de|con) (?:la |el |nuestr[oa] )?(?:<staff>|dueña|jefa)
            (?:tu|su)(?: [^ ,;:()—.!?]+){1,4}? (?:está|queda|quedó|sigue|va) (?:en cola|activ[oa]|en espera|en la fila)
            (?:pasó|quedó|quedaron|pasaron) (?!a ser|ocupad|complet|llen|alg|poc|nad|un hueco|libre|claro)[^ ]+
            ya no (?!está (?:disponible|libre))(?:existe|está|estás|figura|figuras|aparece|apareces|consta|tienes|tiene|vale|viene|vienes|hay cita)
            (?:eres|estás|quedas|es usted|está usted|vas|queda)(?: usted)?(?: (?:el|la|en|de))* (?:primer[oa]?|segund[oa]|tercer[oa]?|cuart[oa]|siguiente|número [^ ]+)
            (?:para|a) (?:los demás|otros|otras personas|el resto)(?: [^ ,;:()—.!?]+){0,6}? (?:ocupad\w+|bloquead\w+|cerrad\w+|reservad\w+|no disponible)
            (?:disponible|libre|ocupad[oa]|bloquead[oa]|cerrad[oa]|abiert[oa])(?: de nuevo| otra vez| ya)* para (?:los demás|otros|otras|el resto)
            (?:todo|tu agenda|su agenda)(?: está)? (?:limpio|despejado|vacío|borrado|libre)»
            (?:quedas|quedaste|quedamos|estás)<adv>(?: (?:todo|usted|bien|ya))* (?:<ended>)
            (?:lo|la|los|las|te|le|os|todo|ya lo|ya la)<adv> (?:tengo|tenemos|tienes|tiene|dejo|dejé|dejamos)<adv>(?: [^ ,;:()—.!?]+){0,3}? (?:<ended>)
            «<joint>(?:<ended>)»
            «<joint>(?:<ended>) (?:para|el|a|con|tu|su|la|0d|0t|en|por)
        """,
    ),
    (
        _D,
        Shape.THING,
        r"""
            se (?!(?:form|gradu|incorpor|especializ|inaugur|dedic|abr|acab|agot|termin|ocup|llen|equivoc|olvid|refiri|mud|traslad|cerr|pas)oo)[^ ]{2,}oo
            se (?:reservó|agendó|apuntó|anotó|confirmó|canceló|anuló|movió|cambió|pasó|mandó|envió|avisó|informó|notificó|actualizó|registró|guardó|programó|bloqueó|apartó|inscribió|metió|puso|hizo|creó|solicitó|tramitó|aplicó|transmitió|comunicó|corrigió|modificó|borró|eliminó|quitó|reemplazó|sustituyó|abonó|devolvió|añadió|agregó|ajustó|completó|procesó|generó|emitió|acreditó|extendió|liberó)(?: (?:tu|su|la|el|una|un|los|las|todo|con|al|correctamente)|»)
            «<joint>(?!cómo|qué|aún|casi|todo|muy)(?:[^ ,;:()—.!?]+ ){1,5}?(?:<ended>)(?:»|(?= (?:al|a|en|para|con|del|de|por) ))
            (?:la|el|los|las|esta|este|mi|nuestra)(?: [^ ,;:()—.!?]+){0,2}? (?:<row>)(?: (?!no|si|puede|se puede)[^ ,;:()—.!?]+){0,8}? (?:está|están|queda|quedan|quedó|quedaron|fue|fueron|es|son|sigue|ha sido|han sido|ha quedado|han quedado|va|van|aparece|figura|consta|se ha|se han)<adv>(?: [^ ,;:()—.!?]+){0,2}? (?:<ended>)
            (?:está|están|queda|quedan|quedó|quedaron|fue|ha sido|han sido|ha quedado|han quedado|va|se ha|se han)<adv>(?: (?:todo|tu|su|la|el|usted|bien|ya))* (?:<ended>)
        """,
    ),
    (
        Problem.CLAIMS_BOOKING,
        Shape.ASSUMED,
        r"""
            (?:cancelar|cancelamos|cancelo|anulo|anulamos|anular)(?:te|le|lo|la)?(?: (?:el|la|tu|su|ese|esa|lo))+
            no (?:está|se|ha sido|fue|he|hemos) (?:cancelad\w|mov\w+|cambi\w+|anulad\w|tocad\w|cancel\w+)
            (?:nada ha cambiado|no ha cambiado nada|nada cambió|sin cambios|sin ningún cambio)
            (?:aparte|además|fuera) (?:del?|de la)
        """,
    ),
    (
        Problem.CLAIMS_BOOKING,
        Shape.STATE,
        r"""
            (?:cita|reserva|turno|es|veo|solo) (?:solo |la |el )?(?:número|nr) [0-9]+
            lo (?:único )?que (?:tienes?|hay)(?: [^ ,]+)? (?:reservado|agendado|apuntado|por delante|pendiente)
        """,
    ),
    (
        _D,
        Shape.DONE,
        r"""
            (?:nadie más|ninguna otra persona)(?: [^ ,;:()—.!?]+){0,3}? (?:coger|tomar|tomarla|cogerla|reservar|ocupar|quitar|toma|coge)\w*
            (?:no|nada)(?: [^ ,;:()—.!?]+){0,3}? (?:cobra|cobramos|cobrará|cobraremos|cobrarán|cargará|cargaremos)(?: nada)?
            no (?:te |le |os )?(?:llegarán|llegará|recibirás|recibirá|mandaremos|enviaremos|molestaremos)(?: [^ ,]+)? más
            ya no (?:sale|aparece|figura|está(?! disponible| libre)|sales|apareces)
            (?:olvidamos|olvida|olvídate de|olvídese de) la (?:penalización|multa|tasa|comisión)|la (?:penalización|multa|tasa|comisión) (?:está olvidada|desaparece|no se aplica)
            (?:masaje|corte|cita|visita|reserva)(?: [^ ,]+)? no se (?:hará|realizará|celebrará)
        """,
    ),
    (
        _D,
        Shape.WILL,
        r"""
            (?:voy|vamos|procedo|paso|procederé|procedemos) a (?!(?:<go>)(?![^ ]))[^ ]+(?:ar|er|ir)(?:te|le|lo|la|los|las|selo|sela|telo|tela|les|nos)?(?![^ ])
            «<joint>(?:te|le|lo|la|os|les|se lo|se la|te lo|te la|los|las)<adv> (?!(?:<quiet>)(?![^ ]))[^ ]{2,}[^o ]o
            (?:te|le|os|les)<adv> (?!(?:<quiet>)(?![^ ]))(?:escribo|aviso|digo algo|recuerdo|llamo|mando|envío|confirmo|guardo|apunto|reservo|anoto)
            (?:«<joint>|así que |y |ya |yo |pues |entonces |luego |después )(?:(?:te|le|lo|la|os|les|se|los|las) )*(?!(?:<idlef>)(?![^ ]))<future>
            (?:te|le|os|les|lo|la|los|las|se lo|se la|te lo|te la) (?!mostraremos|ayudaremos|explicaremos|ofreceremos|diremos|enseñaremos|atenderemos encantad)[^ ]{2,}remos
            (?:te|le|lo|la|os|les|se lo|se la|te lo|te la|los|las) (?:avisaré|avisaremos|informaré|informaremos|notificaré|notificaremos|recordaré|recordaremos|enviaré|enviaremos|mandaré|mandaremos|escribiré|escribiremos|llamaré|llamaremos|contactaré|contactaremos|apuntaré|anotaré|reservaré|agendaré|guardaré|guardaremos|cambiaré|pasaré|moveré|cancelaré|confirmaré|confirmaremos|devolveré|devolveremos|reembolsaremos|tendré|tendremos|pondré|pondremos|aplicaré|aplicaremos|descontaré|registraré|actualizaré|corregiré|comunicaré|transmitiré)
            (?:me|yo me|nos) (?:encargo|encargaré|ocupo|ocuparé|encargamos|ocupamos|pongo en contacto|pondré en contacto)
            «<joint>(?:reservo|agendo|apunto|anoto|confirmo|cancelo|muevo|cambio|paso|mando|envío|aviso|informo|notifico|actualizo|registro|guardo|programo|bloqueo|aparto|inscribo|pongo|hago|creo|solicito|tramito|aplico|transmito|reenvío|comunico|corrijo|modifico|borro|elimino|quito|procedo) (?!(?:si|que hay)(?![^ ]))
            (?:estoy|estamos) (?!(?:mirando|revisando|comprobando|consultando|viendo|buscando|pensando|teniendo|intentando|hablando)(?![^ ]))[^ ]+(?:ando|iendo)(?:te|le|lo|la)?(?![^ ])
        """,
    ),
)

# What belongs to the customer, or is about to reach them.
MATTERS = r"""
    (?:tu|tus|su|sus|vuestra|vuestro)(?: (?!preferid)[^ ,;:()—.!?]+){0,2}? (?:<row>|dinero|sitio|sillón|martes|estilista|peluquer\w+|0d|0t)
    (?:la|el|las|los|esta|este|esa|ese|ambas|una|un)(?: [^ ,;:()—.!?]+){0,2}? (?:cita|reserva|turno|plaza|hueco|reembolso|devolución|penalización|recargo|descuento|señal|depósito|recordatorio|aviso|confirmación|cancelación|cambio|lista de espera|mensaje|sms|correo|nota|vale|llamada|recado|silla|sillón|cupo|espacio|lugar)
    (?:tuy[oa]s?|suy[oa]s?|para (?:ti|usted|vosotros|ustedes)|contigo|a tu nombre|a su nombre)
    (?:te|le|os|les|se lo|se la|te lo|te la)(?: [^ ,;:()—.!?]+){1,2}
    (?:ya|ahora|además) (?:estás|está|tienes|tiene|vienes|viene|quedas|queda|eres|es|sabe|saben|consta|constas)
    (?:eres|estás|vas|quedas|quedamos|nos vemos|vienes) (?!bienvenid)[^ ]+
    (?:la|el|mi|nuestr[oa]|los|las)(?: [^ ,;:()—.!?]+)? ?(?:<staff>|jefa|jefe|dueña|dueño|encargada|encargado|equipo|gerente|recepción|estilista|compañer\w+|salón)(?: (?:ya|también))* (?:sabe|saben|tiene|tienen|está|están|te|le|se|va|recibió|ha|contactará|llamará)
    [^ ]+ (?:ya sabe|te espera|le espera|está al tanto|está enterad\w|tiene tu|tiene su|te recibe|te atenderá|te atiende)
    (?:alguien|ellos)(?: [^ ,;:()—.!?]+){1,2}
    (?:localizador|comprobante|referencia|número de (?:reserva|cita|confirmación|orden|ticket)|código de (?:reserva|cita|confirmación))
    (?:a partir de (?:ahora|hoy)|desde (?:ahora|ya)|de ahora en adelante)
    (?:vienes|viene usted|viene|venís)(?: [^ ,]+){0,2}? 0d
    lo (?:del?|tuyo|suyo)(?: [^ ,]+){0,2}?
    (?:lo|la|te|le) (?:tienes?|toca|corta|atiende|espera|recibe)
    (?:apareces|figuras|constas|aparece usted|figura usted|sigue|siguen|estás con|está usted con)
    (?:tienes|tiene|tenés)(?: usted)? (?:el|la|tu|su|un|una) (?:<row>)
    la (?:hora|fecha) (?:es|sería el|del|de la)
    nadie más|nada más|no (?:tienes|tiene|hace falta|hay) (?:que )?(?:hacer nada|nada más)|ya no (?:tienes|tiene|estás|está)
    (?:quedó|quedamos|hecho|dicho y hecho|asunto|agendadísimo|listo|trato hecho|tomo nota|tomé nota|tomamos nota|anoto|me encargo)
    (?:la víspera|el día antes|un día antes)
"""
# What makes of a clause about it something else than news.
HARMLESS = r"""
    (?:te|le|os|les) (?:damos|ofrecemos|recomendamos|servimos|aconsejamos)
    [^ ]+r[ií]a(?:s|n|mos)?|dilo|dígalo|espera tu|(?:los|las) (?:recordatorios|avisos|cambios|cancelaciones)
    (?:te|le|les|os|lo) (?:<quiet>)
    falló|fallado|(?<!detrás de )otra persona|otro cliente|alguien (?:acaba|ya|ha)|hay(?! una (?:cita|reserva))|estamos (?:hasta|de|en)
    no(?! (?:tienes que|tiene que|hace falta|te cobrar|le cobrar|te preocupes|se preocupe))|nada(?! más)|nadie(?! más)|ningun\w*|nunca|tampoco|sin(?! efecto)|aún|todavía|lamentablemente|desafortunadamente|lo siento|perdona|perdón|disculp\w+|lamento
    puedo|puede|puedes|podemos|pueden|podría\w*|pueda|podrás|podrá|quieres|quiere|querrías|desea\w*|gustaría|necesit\w+|hace falta|debes?|debe|tendrías|tendría|sería|habría|si|cuando|una vez|hasta que|por favor|pulsa|pulse|toca|toque|elige|elija|dime|dígame|confirma|confirme|escribe|escriba|indica|indícame|envíame|mándame|avísame|qué|cuál\w*|cómo|dónde|quién|por qué|cuánto
    normalmente|siempre|generalmente|suele\w*|cada|cualquier\w*|clientes?|política|norma\w*|gratis|gratuit\w+|sin coste|con antelación|24 horas
    libres?|disponibles?|disponibilidad|opciones|opción|ocupad\w+|complet\w+|llen\w+|cuesta\w*|precio\w*|dura|duran|minutos?|antes de|depende|claro qué|refieres|refiere|entiendo|entendí|gracias|sobre|pregunta\w*|preguntas|bienvenid\w+|ayud\w+|espera tu|a la espera de tu|esperando tu|botón|tarjeta|abajo|arriba|propuesta|sugier\w+|sugerencia|recomiend\w+|quizás?|tal vez|viene bien|va bien|conviene|apetece|interes\w+|entre|incluy\w+|incluid\w+|ofre\w+|propong\w+|muestr\w+|cuento|explic\w+|lista de (?:precios|servicios)|mejor|prefier\w+|preferid\w+|encant\w+|alegr\w+|buen día|buenas|deseo
"""
# Small words by which the language is known.
SMALL = (
    "el la los las de que y en tu su para con te le lo a una un es esta al del por se ya no hay "
    "mi me si como mas todo pero o he ha son tus sus cita nos usted"
)
# The business's own.
HOUSE = r"precios?|tarifas?|horarios? de|menú|web|página|local|carta|nuestr[oa]s? (?!equipo|encargad|dueñ|jef|sistema|agenda|lista|calendario)[^ ]+"
