"""The commands that ask and listen on the wire: who answers, who advertises, how far it is."""
