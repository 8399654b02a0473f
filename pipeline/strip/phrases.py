"""What sites say of themselves: tables of phrases, by kind, for text that has no tags to tell it by.

Every phrase is something a page says to its reader about the page or the site, never about the world; phrases are grouped by
language inside each kind (English, Russian, German, French, Spanish, Italian, Portuguese, Polish, Turkish, Kazakh, Chinese …).
"""

# ruff: noqa: E501 (one language or one idea a line, however long)

import re

CONTROLS = (
    # en
    "home", "home page", "homepage", "main page", "print", "print version", "print this page", "printable version", "email this",
    "e-mail", "email", "share", "share this", "share this article", "share on facebook", "tweet", "pin it", "like", "bookmark",
    "add comment", "add a comment", "leave a comment", "leave a reply", "post a comment", "post comment", "write a comment", "reply",
    "no comments", "no comments yet", "contact", "contacts", "contact us", "about us", "about the site", "site map", "sitemap", "search",
    "advanced search", "menu", "main menu", "log in", "login", "log out", "sign in", "sign up", "register", "registration", "subscribe",
    "subscribe now", "unsubscribe", "rss", "rss feed", "feedback", "help", "faq", "privacy policy", "privacy", "terms of use",
    "terms of service", "terms and conditions", "cookie policy", "cookie settings", "accept all cookies", "accept cookies", "accept",
    "advertise", "advertise with us", "advertisement", "advertising", "sponsored", "sponsored content", "add to favorites",
    "add to favourites", "add to bookmarks", "make homepage", "set as homepage", "make my homepage", "my account", "my profile",
    "read more", "more", "see more", "show more", "load more", "view all", "see all", "more news", "all news", "latest news", "news feed",
    "top news", "breaking news", "most read", "most popular", "popular", "trending", "trending now", "related", "related articles",
    "related news", "related posts", "related stories", "related links", "read also", "see also:", "also read", "you may also like",
    "you might also like", "recommended", "recommended for you", "more from this section", "more on this topic", "previous", "next",
    "previous article", "next article", "previous post", "next post", "back", "back to top", "go back", "to top", "top", "skip to content",
    "skip to main content", "skip to navigation", "follow us", "follow us on twitter", "follow us on facebook", "newsletter", "newsletters",
    "download pdf", "pdf version", "download the app", "full version", "mobile version", "text size", "font size", "close", "photo gallery",
    "photos", "videos", "listen", "copy link", "link copied", "report an error", "report a typo", "loading", "loading...", "previous next",
    # ru
    "главная", "главная страница", "на главную", "версия для печати", "распечатать", "печать", "поделиться", "поделиться в соцсетях",
    "комментарии", "комментировать", "добавить комментарий", "оставить комментарий", "написать комментарий", "ответить", "контакты",
    "о нас", "о проекте", "о сайте", "карта сайта", "поиск", "меню", "войти", "вход", "выйти", "регистрация", "подписаться", "подписка",
    "обратная связь", "реклама", "на правах рекламы", "добавить в избранное", "сделать стартовой", "в избранное", "читать далее",
    "подробнее", "ещё", "еще", "показать ещё", "показать еще", "все новости", "лента новостей", "последние новости", "главные новости",
    "новости по теме", "читайте также", "читать также", "по теме", "материалы по теме", "похожие материалы", "популярное",
    "самое читаемое", "рекомендуем", "назад", "вперёд", "наверх", "вверх", "политика конфиденциальности", "архив", "мобильная версия",
    "полная версия", "скачать", "фото", "видео", "нашли ошибку?", "сообщить об ошибке",
    # de
    "startseite", "drucken", "druckversion", "teilen", "kommentieren", "kommentar schreiben", "kommentar hinterlassen", "kontakt",
    "impressum", "datenschutz", "datenschutzerklärung", "suche", "menü", "anmelden", "einloggen", "registrieren", "abonnieren", "anzeige",
    "werbung", "mehr", "mehr lesen", "weiterlesen", "weitere artikel", "mehr zum thema", "zum thema", "lesen sie auch", "das könnte sie auch interessieren",
    "meistgelesen", "zurück", "weiter", "nach oben", "zum inhalt springen", "über uns", "agb", "barrierefreiheit", "merken", "vorlesen",
    # fr
    "accueil", "imprimer", "partager", "commenter", "laisser un commentaire", "ajouter un commentaire", "contactez-nous", "mentions légales",
    "plan du site", "rechercher", "recherche", "se connecter", "connexion", "s'inscrire", "s'abonner", "publicité", "lire la suite",
    "en savoir plus", "voir plus", "à lire aussi", "lire aussi", "sur le même sujet", "articles liés", "les plus lus", "précédent", "suivant",
    "retour", "haut de page", "aller au contenu", "qui sommes-nous", "politique de confidentialité", "gérer les cookies",
    # es, pt, it
    "inicio", "imprimir", "compartir", "comentar", "dejar un comentario", "deja un comentario", "contacto", "aviso legal", "mapa del sitio",
    "buscar", "iniciar sesión", "registrarse", "suscribirse", "suscríbete", "publicidad", "leer más", "ver más", "seguir leyendo",
    "lea también", "noticias relacionadas", "artículos relacionados", "lo más leído", "anterior", "siguiente", "volver", "ir al contenido",
    "quiénes somos", "política de privacidad", "página inicial", "início", "compartilhar", "partilhar", "comentários", "deixe um comentário",
    "contato", "pesquisar", "entrar", "assine", "publicidade", "leia mais", "leia também", "saiba mais", "mais lidas", "voltar", "próximo",
    "stampa", "condividi", "commenta", "lascia un commento", "contatti", "chi siamo", "mappa del sito", "cerca", "accedi", "registrati",
    "abbonati", "iscriviti", "pubblicità", "leggi tutto", "leggi anche", "articoli correlati", "più letti", "indietro", "successivo",
    # pl, tr, kk, uk
    "strona główna", "drukuj", "udostępnij", "skomentuj", "dodaj komentarz", "kontakt", "szukaj", "zaloguj się", "zarejestruj się",
    "czytaj więcej", "czytaj także", "zobacz także", "reklama", "wstecz", "dalej", "polityka prywatności", "anasayfa", "ana sayfa",
    "yazdır", "paylaş", "yorum yap", "yorum yaz", "iletişim", "hakkımızda", "arama", "giriş", "üye ol", "devamını oku", "ilgili haberler",
    "басты бет", "пікір қалдыру", "бөлісу", "басып шығару", "іздеу", "байланыс", "головна", "друк", "поділитися", "коментарі", "пошук",
    # zh, ja, ko, ar
    "首页", "主页", "打印", "打印本页", "分享", "分享到", "评论", "发表评论", "我要评论", "联系我们", "关于我们", "网站地图", "搜索", "登录", "注册",
    "返回顶部", "上一篇", "下一篇", "相关新闻", "相关阅读", "热点新闻", "更多", "关闭窗口", "关闭", "收藏", "设为首页", "加入收藏", "字号", "ホーム",
    "印刷", "シェア", "コメント", "お問い合わせ", "サイトマップ", "検索", "ログイン", "関連記事", "もっと見る", "前へ", "次へ", "홈", "인쇄", "공유",
    "댓글", "문의", "검색", "로그인", "회원가입", "관련기사", "더보기", "الرئيسية", "طباعة", "مشاركة", "اتصل بنا", "من نحن", "بحث", "اقرأ أيضا",
)  # fmt: skip
"""Whole lines (in lower case, without bullets and marks) that are controls, links or headings of the site itself."""

INTERRUPTIONS = (
    "advertisement", "advertising", "sponsored content", "story continues below", "story continues below advertisement", "article continues below",
    "article continues after advertisement", "continue reading below", "share this article", "share on facebook", "share on twitter", "tweet this",
    "на правах рекламы", "реклама", "anzeige", "werbung", "publicité", "publicidad", "publicidade", "pubblicità", "reklama", "广告", "広告", "광고",
    "click to share on facebook", "listen to this article", "follow us on twitter", "follow us on facebook", "print this page", "report an error",
)  # fmt: skip
"""Whole lines that sites set even between the paragraphs of a document."""

STOPS = re.compile(
    r"(?:leave|post|add|write) (?:a )?(?:comment|reply)|\d+ comments?|comments? \(\d+\)|no comments(?: yet)?|join the (?:discussion|conversation)"
    r"|related (?:articles|news|posts|stories|links|content|materials)|you (?:may|might) also (?:like|be interested in)|read (?:also|more|next)|also read|recommended for you|more from .{1,40}"
    r"|(?:оставить|добавить|написать) комментарий|комментарии(?: \(\d+\))?|читайте также|новости по теме|материалы по теме|похожие (?:материалы|новости|статьи)|другие новости"
    r"|kommentar(?:e)? (?:schreiben|hinterlassen|verfassen)|mehr zum thema|lesen sie auch|das könnte sie auch interessieren|weitere (?:artikel|nachrichten)"
    r"|(?:laisser|ajouter) un commentaire|(?:à )?lire aussi|sur le même sujet|articles (?:liés|similaires)"
    r"|dej(?:a|ar) un comentario|(?:noticias|artículos) relacionad[ao]s|lea también|deixe um comentário|leia também|(?:notícias|artigos) relacionad[ao]s"
    r"|lascia un commento|leggi anche|articoli correlati|dodaj komentarz|(?:czytaj|zobacz) (?:także|też)|yorum yap|ilgili haberler"
    r"|相关(?:新闻|阅读|链接|文章)|发表评论|我要评论|関連記事|관련기사|اقرأ أيضا",
    re.I,
)
"""Whole lines after which a page has only comments and teasers."""

STOP_WORDS = (
    "comment", "reply", "discussion", "conversation", "related ", "you may ", "you might ", " also", "also ", "read more", "read next",
    "recommended for", "more from", "коммент", "также", "по теме", "похожие", "другие", "kommentar", "mehr zum", "lesen sie", "interessieren",
    "weitere", "même sujet", "lire aussi", "liés", "similaires", "comentario", "relacionad", "también", "comentário", "também", "leggi anche",
    "correlati", "komentarz", "zobacz", "czytaj", "yorum", "haberler", "相关", "评论", "関連", "관련", "اقرأ",
)  # fmt: skip
"""One of these (in lower case) stands in whatever STOPS matches."""

CALL = re.compile(
    r"\b(?:sign up|subscribe|follow (?:us|our)|join (?:us|our)|click here|don['’]t miss|stay (?:tuned|informed|up to date|updated)|get (?:our|the|all) .{0,60}"
    r"(?:newsletter|inbox|sent|directly|delivered|straight)|download (?:our|the) app|like us on|support (?:us|our)|donate|share this|enter your e-?mail)\b"
    r"|подпи(?:сывайтесь|шитесь)|присоединяйтесь|следите за|нажмите ctrl|выделите (?:её|ее|фрагмент)|abonnieren sie|folgen sie uns|melden sie sich"
    r"|abonnez-vous|suivez-nous|inscrivez-vous|suscríb(?:ete|ase)|síg(?:uenos|anos)|inscreva-se|siga-nos|iscriviti|seguici|zapisz się|śledź nas"
    r"|жазылыңыз|підпишіться|підписуйтесь|订阅|关注我们|扫描二维码|abone olun|takip edin",
    re.I,
)
"""Calls upon the reader."""

CALL_WORDS = (
    "sign up", "subscribe", "follow ", "join ", "click here", "t miss", "stay ", "get ", "download ", "like us on", "support ",
    "donate", "share this", "enter your e", "подпи", "присоединяйтесь", "следите за", "нажмите ctrl", "выделите", "abonnieren sie",
    "folgen sie", "melden sie", "abonnez-vous", "suivez-nous", "inscrivez-vous", "suscríb", "síg", "inscreva-se", "siga-nos",
    "iscriviti", "seguici", "zapisz się", "śledź nas", "жазылыңыз", "підпишіться", "підписуйтесь", "订阅", "关注我们", "扫描二维码",
    "abone olun", "p ed",
)  # fmt: skip
"""One of these (in lower case) stands in whatever CALL matches, which is slow to say no."""

CHANNEL = re.compile(
    r"\b(?:newsletters?|twitter|facebook|instagram|telegram|whatsapp|youtube|tiktok|linkedin|pinterest|vk\.com|viber|rss|inbox|mailing list|e-?mail (?:list|alerts?|updates?)"
    r"|push notifications?|podcast|odnoklassniki|weibo|wechat|threads|bluesky|mastodon|web ?site|google news|flipboard|app store|google play|ctrl\s*\+\s*enter)\b"
    r"|рассылк|телеграм|вконтакте|фейсбук|инстаграм|ютуб|одноклассник|новостн\w+ лент|微信|微博|公众号|канал",
    re.I,
)
"""Where sites want to be followed."""

READER = re.compile(
    r"\b(?:you|your|us|our|now|today)\b|\b(?:вы|вам|вас|ваш\w*|нас|наш\w*|нам)\b|\b(?:sie|ihre?n?|uns|unsere?[nmr]?)\b|\b(?:vous|votre|vos|nous|notre|nos)\b"
    r"|\b(?:tu|su|nosotros|nuestr[oa]s?|você|seu|sua|noss[oa]s?|tua|nostr[oaie])\b|您|我们",
    re.I,
)
"""The page speaking to its reader."""

NOTICE = re.compile(
    r"(?:^|(?<=[\s|·(]))©\s?(?:\d{4}|[A-ZА-Я])|\(c\) ?(?:19|20)\d\d|\ball rights reserved\b|\bпри (?:полном|использовании|перепечатке|копировании|цитировании)\b|\bвсе права защищены\b|alle rechte vorbehalten|tous droits réservés"
    r"|todos los derechos reservados|todos os direitos reservados|tutti i diritti riservati|wszelkie prawa zastrzeżone|tüm hakları saklıdır|版权所有|無断転載|무단전재"
    r"|\b(?:this|we|our)\b.{0,20}\b(?:site|website|we)?\b.{0,12}\bus(?:e|es|ing) cookies\b|\bуses cookies\b|использу(?:ет|ем|ются) (?:файлы )?cookie|verwendet? cookies|utilise des cookies|utiliza cookies"
    r"|\bpowered by \w+|\b(?:designed|developed|created) by .{2,40}$|\benable javascript\b|\bjavascript (?:is )?(?:disabled|required)\b|включите javascript",
    re.I,
)
"""Legal and technical notices."""

NOTICE_WORDS = (
    "©", "(c)", "rights reserved", "при ", "все права", "alle rechte", "tous droits", "todos los derechos", "todos os direitos",
    "tutti i diritti", "wszelkie prawa", "tüm hak", "版权所有", "無断転載", "무단전재", "cookie", "powered by", "designed by",
    "developed by", "created by", "javascript",
)  # fmt: skip
"""One of these (in lower case) stands in whatever NOTICE matches."""

CREDIT = re.compile(
    r"^(?:the|this|our)? ?(?:web ?site|site|portal|web ?page|project|publication)\b.{0,30}\b(?:was|is|has been|were) (?:created|developed|designed|funded|supported|built|made|prepared|maintained|co-?funded|registered)\b"
    r"|^(?:сайт|портал|проект|издание) .{0,40}(?:создан|разработан|поддерж|финанс|реализ|зарегистрирован)\w*"
    r"|^(?:diese (?:web)?seite|dieses portal) .{0,30}(?:gefördert|erstellt|finanziert)|^(?:ce site|ce portail) .{0,30}(?:créé|financé|soutenu)|^este (?:sitio|portal|site) .{0,30}(?:creado|financiado|criado)",
    re.I,
)
"""Who made or paid for the site, said at its head or foot."""

CAPTION = re.compile(
    r"\b(?:photo|image|picture|video|illustration|graphic|photograph)s?(?: ?(?:credits?|courtesy(?: of)?|source|by|from))? ?[:©/]|\b(?:photo|image|picture) (?:credits?|courtesy|by)\b|^(?:photo|image|pictured)\b[ :]"
    r"|\bcredits? ?: ?\w+.{0,40}/|/ ?(?:getty images|reuters|ap|afp|tass|xinhua|shutterstock|epa)\b|\((?:getty images|reuters|ap photo.*|afp|tass|xinhua|shutterstock)\)$"
    r"|\b(?:фото|снимок|иллюстрация|видео) ?[:©/]|\bfoto ?[:©/]|\bbild ?[:©/]|\bcrédits? photo\b|\bphoto ?: |\bfotografía ?: |\bzdjęcie ?: |(?:图片|照片|摄影|资料图) ?[:：]|摄$",
    re.I,
)
"""What stands under a picture."""

CAPTION_WORDS = (
    "photo", "image", "picture", "video", "illustration", "graphic", "credit", "/", "(", "фото", "снимок", "иллюстрация", "видео", "foto",
    "bild", "crédit", "zdjęcie", "图片", "照片", "摄", "资料图",
)  # fmt: skip
"""One of these (in lower case) stands in whatever CAPTION matches."""

BYLINE = re.compile(
    r"^(?:by|von|par|por|di|autor(?:in|a)?:?|author:|written by|text(?: by)?:|автор:?|авторы:|текст:|作者[:：]|记者[:：]?|reported by|story by)\s+(?P<name>\S.{1,100})$",
    re.I,
)
"""A line that names the author."""

_MONTHS = (
    "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|январ|феврал|март|апрел|ма[яй]|июн|июл|август|сентябр|октябр|ноябр|декабр|"
    "januar|jänner|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember|janv|févr|fevr|mars|avr|juin|juil|août|"
    "déc|ener|febr|marz|abri|mayo|junio|julio|agos|sept|octu|novi|dici|genn|febb|magg|giug|lugl|sett|otto|dice|janei|fever|març|maio|junh|"
    "julh|setem|outub|novem|dezem|stycz|lut|marc|kwie|maj|czerw|lip|sierp|wrze|paźd|list|grud|ocak|şubat|nisan|mayıs|haziran|temmuz|ağustos|"
    "eylül|ekim|kasım|aralık|қаңтар|ақпан|наурыз|сәуір|мамыр|маусым|шілде|тамыз|қыркүйек|қазан|қараша|желтоқсан|січ|лют|берез|квіт|трав|черв|"
    "лип|серп|верес|жовт|листоп|груд|sij|velj|ožuj|trav|svib|lip|srp|kolov|ruj|stud|pros|leden|únor|břez|dub|květ|červ|srpen|září|říj|listop|prosin"
)
_DAYS = r"(?:[^\W\d_]{2,14}\.?,?\s+)?"
_TIME = r"\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?(?:\s?[ap]\.?m\.?)?(?:\s?(?:uhr|h|ч\.?|hrs))?(?:\s?\(?(?:[A-Z]{2,5}|[+-]\d{1,2}:?\d{2}|gmt[+-]?\d*|мск)\)?)?"
_NUMERIC = r"(?:\d{1,2}[./-]\s?\d{1,2}[./-]\s?(?:\d{4}|\d{2})|\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{4}年\d{1,2}月\d{1,2}日|\d{4}년 ?\d{1,2}월 ?\d{1,2}일)(?:\s?(?:г\.?|года))?"
_WORDED = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th|er|\.|º|-го)?,?\s+(?:de\s+|of\s+)?(?:{_MONTHS})[^\W\d_]*\.?,?(?:\s+(?:de\s+|del\s+)?\d{{4}})(?:\s?(?:г\.?|года|жылы|р\.))?"
    rf"|(?:{_MONTHS})[^\W\d_]*\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}})"
)
_LABEL = r"(?:(?:published|posted|updated|last updated|date|опубликовано|дата(?: публикации)?|обновлено|veröffentlicht|stand|publié|publicado|发布时间|时间|来源)(?: (?:on|le|am|el))?\s*[:：]?\s*)?"
DATE = re.compile(
    rf"^{_LABEL}{_DAYS}(?:{_TIME}\s*[,|–-]?\s*)?(?:{_NUMERIC}|{_WORDED})(?:\s*(?:[,|–—-]|at|um|à|a las|в|о)?\s*{_TIME})?\s*$",
    re.I,
)
"""A line that is a date, with or without the time of day, and nothing else."""

CLOCK = re.compile(
    r"^(?:\D{0,30}\s)?\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]\.?m\.?)?\s?(?:[^\W\d_][^\d.!?,;]{0,30})?$", re.I
)
"""A time of day, with the name of a place or nothing."""

BULLET = re.compile(r"^\s*(?:[•‣◦▪●○■□–—*·»›>+-]|\(?(?:\d{1,3}|[a-zа-я])[.)])\s+(?=\S)")
"""The mark before an item of a list."""
