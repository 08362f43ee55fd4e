#!/usr/bin/env bash
# banned.sh: functions that write past their buffer, hide their state or cannot report an error are not used,
# called or passed on. Comments and strings may name them.
. "$(dirname "$0")/files.sh"

files=$(c_files)
need_files "$files"
printf '%s\n' "$files" | tr '\n' '\0' | LC_ALL=C xargs -0 awk -f "$(dirname "$0")/code.awk" | LC_ALL=C awk '
    BEGIN {
        use["strcpy"] = use["strncpy"] = use["strcat"] = use["sprintf"] = use["vsprintf"] = "snprintf or a buffer"
        use["gets"] = "getline"
        use["strtok"] = "strcspn or a span"
        use["atoi"] = use["atol"] = use["atoll"] = use["atof"] = "strtol or strtod with their checks"
    }
    {
        match($0, /^[^:]*:[0-9]*:/)
        place = substr($0, 1, RLENGTH)
        text = substr($0, RLENGTH + 1)
        n = split(text, word, /[^A-Za-z0-9_]+/)
        for (i = 1; i <= n; i++)
            if (word[i] in use) {
                printf "%s \"%s\" is banned; use %s\n", place, word[i], use[word[i]]
                wrong++
            }
    }
    END { exit wrong > 0 }'
