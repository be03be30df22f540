-- The embedded PostgreSQL has no ICU, and what other databases' locales do differs: the order of names is ours, the same everywhere.
-- A key compares as readers of the language sort: case ignored, accents with their letter (ü with y), the alphabet's own letters
-- after z ("{", "|", "}" follow z): å, ä, ö in Swedish; æ, ø, å in Danish, where "aa" is å. Only for COLLATE "C".
create function alphabet_key(name text, language text) returns text
    language sql immutable strict parallel safe
    return translate(
        case language
            when 'da' then replace(translate(lower(name), 'ÅÄÖÆØ', 'åäöæø'), 'aa', 'å')
            else translate(lower(name), 'ÅÄÖÆØ', 'åäöæø')
        end,
        'åäæöø' || 'ÀÁÂÃÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÙÚÛÜÝàáâãçèéêëìíîïðñòóôõùúûüýÿĀāĂăĄąĆćĈĉĊċČčĎďĐđĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥĦħĨĩĪīĬĭĮįİıĴĵĶķĹĺĻļĽľŁłŃńŅņŇňŌōŎŏŐőŔŕŖŗŘřŚśŜŝŞşŠšŢţŤťŦŧŨũŪūŬŭŮůŰűŲųŴŵŶŷŸŹźŻżŽž',
        case language when 'da' then '}{{||' else '{||}}' end
            || 'aaaaceeeeiiiidnoooouuuyyaaaaceeeeiiiidnoooouuuyyyaaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiijjkkllllllllnnnnnnoooooorrrrrrssssssssttttttuuuuuuuuyyuuwwyyyzzzzzz'
    );

drop index employee_name_ix;
create index employee_name_sv_ix on employee
    (tenant, company, (alphabet_key(last, 'sv') collate "C"), (alphabet_key(first, 'sv') collate "C"), id);
create index employee_name_da_ix on employee
    (tenant, company, (alphabet_key(last, 'da') collate "C"), (alphabet_key(first, 'da') collate "C"), id);
