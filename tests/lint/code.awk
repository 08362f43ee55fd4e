# code.awk: C files without what is not code: comments, the insides of strings and characters become blanks.
# Prints FILE:LINE:TEXT. Works in one pass over the characters, since a string may hold what looks like a comment.
FNR == 1 { comment = 0 }
{
    out = ""
    n = length($0)
    quote = ""
    for (i = 1; i <= n; i++) {
        c = substr($0, i, 1)
        two = substr($0, i, 2)
        if (comment) {
            if (two == "*/") {
                comment = 0
                i++
            }
            out = out " "
        } else if (quote != "") {
            if (c == "\\")
                i++
            else if (c == quote)
                quote = ""
            out = out " "
        } else if (two == "/*") {
            comment = 1
            i++
            out = out " "
        } else if (two == "//") {
            break
        } else if (c == "\"" || c == "'") {
            quote = c
            out = out " "
        } else
            out = out c
    }
    print FILENAME ":" FNR ":" out
}
