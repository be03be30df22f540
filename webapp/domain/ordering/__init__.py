"""An order in the making and as agreed: draft, questions, where one is, price, contract summary, order."""
