print("sdict")
