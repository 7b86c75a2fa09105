"""Pairs of a glyph and the Latin letter that readers take it for, our own choice, grouped by where the glyph is from.

Each row pairs two strings of one length. "Close" glyphs are hard to tell from the letter; "loose" ones are read as it
only inside a word. The last tables are the alphabets of the usual "fancy text" generators.
"""

CLOSE = {
    # Cyrillic
    "аАсСеЕоОрРхХуУіІјЈѕЅԁһԛԜԝѵѴӏВКМНТҮүԌ": "aAcCeEoOpPxXyYiIjJsSdhqWwvVlBKMHTYyG",
    # Greek
    "οΟνραΑΒΕΖΗΙιΚΜΝΡΤΥυΧϲϹϳγͿ": "oOvpaABEZHIiKMNPTYuXcCjyJ",
    # Armenian
    "օՕսՍոհցզյՏԼԾգ": "oOuUnhgqjSLSq",
    # Cherokee
    "ᎠᎡᎢᎥᎪᎫᎬᎳᎷᎻᎽᏀᏂᏃᏏᏒᏔᏕᏙᏚᏞᏟᏢᏦᏴᏎᎩᏧᏮᏳᎱ": "DRTiAJEWMHYGhZbRWSVSLCPKB4ydgGr",
    # Coptic
    "ⲀⲁⲂⲈⲎⲒⲔⲘⲚⲞⲟⲢⲣⲤⲥⲦⲨⲬⲭⲅ": "AaBEHIKMNOoPpCcTYXxr",
    # Lisu
    "ꓐꓑꓒꓓꓔꓖꓗꓙꓚꓜꓝꓟꓠꓡꓢꓣꓦꓧꓪꓫꓬꓮꓰꓲꓳꓴ": "BPdDTGKJCZFMNLSRVHWXYAEIOU",
    # Canadian syllabics
    "ᗅᗩᗷᑕᗞᗪᗴᖴᕼᒍᒪᗰᑎᑭᑫᖇᔕᑌᐯᗯ᙭ᐱᑲᑯᗝᕲᛕᖯ": "AABCDDEFHJLMNPqRSUVWXAbdOdKb",
    # Deseret, Osage, N'Ko
    "𐐬𐐄𐐕𐐛𐐠𐐽𐑈𐓪𐓂𐒴𐓎𐓶ߋ": "oOCLScsoORUuo",
    # Warang Citi
    "𑢠𑢢𑢣𑢤𑢦𑢩𑢮𑢲𑢵𑢸𑢼𑣀𑣁𑣂𑣃𑣄𑣈𑣗𑣘𑣜𑣠𑣥𑣦𑣩𑣬𑣯𑣲": "VFLYEZELOUTvsFizoouyOZWCXWC",
    # Carian, Lycian, Old Italic, Elbasan
    "𐊠𐊡𐊢𐊥𐊫𐊰𐊱𐊲𐊴𐋏𐊂𐊆𐊇𐊊𐊐𐊒𐊕𐊖𐊗": "ABCFOMTYXHBEFlXOPST",
    "𐌁𐌂𐌉𐌑𐌕𐌗𐌠𐌢𐔓𐔖𐔘𐔜𐔝𐔥𐔦𐔧": "BClMTXlXNOKCVFLX",
    # Tifinagh, Miao, Runic, Ahom
    "ⴸⴹⵏⵔⵕⵝ𖼈𖼊𖼖𖼨𖼵𖼺𖽀𖽂𖽃ᚷᛁᛖ𑜆𑜊𑜎𑜏": "VElOQXVTLlRSAUYXiMvwww",
}
LOOSE = {
    # Cyrillic
    "кмнтвгпилбзщшэёїьꙅцчжфяӾӼҽѡѳѫқҜғҲҨЖєИЯӄԋԃꙇя": "kmhtbrnnlbewweeibsuyxqrXXewomkKfXQXeNRkhdir",
    # Greek
    "βδεζηθκςστφωλμπχΛΔΣΞΠΓΘΩάέήίόύώϝϜϱϒϰ": "bdeznokcotfwlunxAAEEnrOOaenioywfFpYk",
    # Armenian, Georgian, Hebrew
    "աբեթխծղպռվտրքֆփყჿႦႰႱႶ": "wpeplgnwnltppspyobjln",
    "נסזת": "josn",
    # Yi syllables, used by text generators as an alphabet
    "ꁲꃃꇃꂡꏹꄙꁍꀍꀤꀭꈵꂵꋊꁏꉣꆰꋪꌚꋖꌈꃴꅐꋚꂖꁴꍏ": "abcdefghijkmnopqrstuvwxyza",
    # Cherokee, as an alphabet
    "ᎯᏰᏍᏋᏲᏥᏫᎮᎤᎴᎿᏪᏉᏇⳒ": "abdehkopqstuvwg",
}
SYMBOLS = {
    # currency signs
    "₳฿₵₡€₣₲₭₥₦₱₽₴₮₩₫₤₿¢£¥$": "abccefgkmnppstwdlbclys",
    # mathematical, technical and other signs
    "℮⍺⍴⍳∨⋁∪⋃×⊤⟙∣⏽∂√∆∑∩⊂⊃∈℘⋿ꛟ🝌🝨": "eapivvuuxttllviasncoepevct",
    # circles and digits zero of other scripts
    "〇০०੦૦௦౦೦൦๐໐၀ംഠංంಂ°。": "ooooooooooooooooooo",
    # strokes that stand for letters
    "讠˛꒒": "iil",
}
BRUSH = {"卂乃匚乇千Ꮆ卄丨フҜㄥ爪几ㄖ卩尺丂丅ㄒㄩ山乂ㄚ乙": "abcefghijklmnoprsttuwxyz"}
"""Han, kana and bopomofo that a text generator draws Latin letters with."""

BRUSH_RARE = frozenset("卂匚乇卄丨Ҝㄥㄖ卩丂丅ㄒㄩ乂ㄚ")
"""Of those, the ones that hardly occur in ordinary Chinese or Japanese words."""

TURNED = {"ɐɔǝɟƃɥᴉɾʞʃɯɹʇʌʍʎqpnudboswxlzih": "acefghijklmrtvwybdunpqoswxlzih"}
"""Letters that read as others upside down, and those that read as themselves."""

TURNED_ONLY = frozenset("ǝƃɥᴉɟʇʞɐɯɹʎʍ")
"""Of those, the ones that no alphabet of a language uses beside plain ones."""


def table_of(rows: dict[str, str]) -> dict[str, str]:
    """Rows as one table, glyph -> letter. Raises ValueError when a row's strings differ in length."""
    return {glyph: letter for glyphs, letters in rows.items() for glyph, letter in zip(glyphs, letters, strict=True)}
