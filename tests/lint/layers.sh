#!/usr/bin/env bash
# layers.sh: each file includes only what layers.txt lets it.
#
#   "sluice/NAME.h"   a public header, of a layer its includer may use
#   "NAME.h"          a private header, beside its includer; "FOLDER/NAME.h" the same, from the top folder
#   <NAME.h>          the system's, not looked at
# Tests may include the private headers of any one folder, to test what is inside; nothing includes a test's.
. "$(dirname "$0")/files.sh"

files=$(c_files)
need_files "$files"
printf '%s\n' "$files" | tr '\n' '\0' | xargs -0 awk '/^[ \t]*#[ \t]*include[ \t"<]/ { print FILENAME ":" FNR ":" $0 }' |
    awk -v table="$(dirname "$0")/layers.txt" -v all="$files" '
    function bad(text) { printf "%s:%s: %s\n", file, line, text; wrong++ }
    function folder_of(path) { return path ~ /\// ? substr(path, 1, match(path, /\/[^\/]*$/) - 1) : "" }

    BEGIN {
        while ((getline row < table) > 0) {
            n = split(row, word, " ")
            for (i = 3; i <= n; i++)
                if (word[1] == "folder")
                    may[word[2], word[i]] = 1
                else if (word[1] == "header")
                    layer[word[i]] = word[2]
            if (word[1] == "folder") {
                known[word[2]] = 1
                split(word[2], part, "/")
                home[part[2] == "" ? part[1] : part[2]] = word[2]
            }
        }
        n = split(all, name, "\n")
        for (i = 1; i <= n; i++) {
            exists[name[i]] = 1
            file = name[i]; line = 1
            if (file ~ /^include\//) {
                public = file
                sub(/^include\/sluice\//, "", public); sub(/\.h$/, "", public)
                if (!(public in layer))
                    bad("this public header has no layer; add it to a header line of " table)
            } else if (file !~ /^tests\// && !(folder_of(file) in known))
                bad("the folder \"" folder_of(file) "\" has no line in " table)
        }
    }

    {
        split($0, field, ":"); file = field[1]; line = field[2]
        text = substr($0, length(file) + length(line) + 3)
        if (text !~ /"/ && text !~ /<sluice\// && text !~ /<(engine|sessions|tui|tests|include)\//)
            next
        target = text
        sub(/^[^"<]*["<]/, "", target); sub(/[">].*$/, "", target)
        place = folder_of(file)
        if (target ~ /(^|\/)\.\.?\//) {
            bad("\"" target "\": name a header from the top folder, without dots")
            next
        }
        if (target ~ /^sluice\//) {
            public = target
            sub(/^sluice\//, "", public); sub(/\.h$/, "", public)
            if (!(("include/" target) in exists)) {
                bad("\"" target "\": there is no such public header")
                next
            }
            if (place ~ /^tests/)
                next
            if (place ~ /^include/) {
                own = file
                sub(/^include\/sluice\//, "", own); sub(/\.h$/, "", own)
                place = home[layer[own]]
            }
            if ((public in layer) && !((place, layer[public]) in may))
                bad("\"" target "\" is of the layer \"" layer[public] "\", which \"" place "\" must not use")
            next
        }
        if (target ~ /\.c$/) {
            bad("\"" target "\": a source file is compiled, not included")
            next
        }
        where = (place "/" target) in exists ? place : folder_of(target)
        if (place ~ /^include/)
            bad("\"" target "\": a public header must not need a private one")
        else if (place ~ /^tests/) {
            if (!((place "/" target) in exists) && !(target in exists))
                bad("\"" target "\": there is no such header")
        } else if (where != place && (where in known))
            bad("\"" target "\": a private header of \"" where "\" is not for \"" place "\"")
        else if (where != place || (!((place "/" target) in exists) && !(target in exists)))
            bad("\"" target "\": there is no such header for \"" place "\"")
    }
    END { exit wrong > 0 }'
